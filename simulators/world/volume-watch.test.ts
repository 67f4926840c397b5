import { describe, expect, it } from 'vitest';
import { percent } from '#protocol/vocabulary/units';
import { createVolumeWatch, type HeardSpeaker } from './volume-watch.ts';

const SECOND_US = 1_000_000;

function speaker(name: string, volume: number, epoch: number): HeardSpeaker {
  return { name, view: () => ({ session: {}, speaker: { volume: percent(volume) }, epoch }) };
}

/** One of whom a hand-over has just been heard, and nothing else, by the target. */
function watching(target: HeardSpeaker, bridgeKnows = true) {
  const isCommitTo = (name: string, kind: string): boolean => name === target.name && kind === 'commit';
  const audit = {
    lastTold: (name: string, kind: string) => (isCommitTo(name, kind) ? 0 : Number.NEGATIVE_INFINITY),
    lastMovedStill: () => Number.NEGATIVE_INFINITY,
    lastGivenTo: () => Number.NEGATIVE_INFINITY,
  };
  return createVolumeWatch(audit, () => bridgeKnows);
}

describe('createVolumeWatch', () => {
  const study = speaker('study', 74, 3);

  it('tells of music that was moved to a much louder speaker', () => {
    const watch = watching(study);
    expect(watch.check([speaker('kitchen', 20, 2)], 0)).toBeNull();
    expect(watch.check([study], SECOND_US)).toContain('from kitchen at 20 % to study at 74 %');
  });

  it('asks of no bridge what the one before it was told', () => {
    const watch = watching(study, false);
    expect(watch.check([speaker('kitchen', 20, 2)], 0)).toBeNull();
    expect(watch.check([study], SECOND_US)).toBeNull();
  });

  it('compares with the speaker that it came from, not with one that is cut off and goes on with what it had', () => {
    const watch = watching(study);
    const leftOver = speaker('cut off', 2, 1);
    const kitchen = speaker('kitchen', 70, 2);
    expect(watch.check([kitchen, leftOver], 0)).toBeNull();
    expect(watch.check([study, leftOver], SECOND_US)).toBeNull();
    expect(watch.check([leftOver, study], 2 * SECOND_US)).toBeNull();
  });

  it('compares with the one that is left when the newer has long been silent', () => {
    const watch = watching(study);
    watch.check([speaker('kitchen', 70, 2)], -10 * SECOND_US);
    expect(watch.check([speaker('cut off', 2, 1)], 0)).toBeNull();
    expect(watch.check([study], SECOND_US)).toContain('from cut off');
  });
});
