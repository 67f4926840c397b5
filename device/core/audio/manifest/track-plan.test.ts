import { describe, expect, it } from 'vitest';
import { frames } from '#protocol/vocabulary/units';
import { rampLadder } from '#sim/speakers/ramp-ladder';
import { isStillThere, planTrack } from './track-plan.ts';

const { manifest } = rampLadder(1, 5 * 48_000, [320, 24, 96]);
const BEST = { kind: 'best' } as const;

describe('a track in several qualities', () => {
  it('is planned in all that may be played, ascending', () => {
    const planned = planTrack(manifest, { kind: 'cap', kbps: 160 });
    expect(planned.ok && planned.value.rungs.map(({ file }) => file.bitrateKbps)).toEqual([24, 96]);
    expect(planned.ok && planned.value.best.file.bitrateKbps).toBe(96);
  });

  it('leaves out what is not cut like the best, since it could not follow it', () => {
    const files = manifest.files.map((file) =>
      file.bitrateKbps === 96 ? { ...file, preSkipFrames: frames(960) } : file,
    );
    const planned = planTrack({ ...manifest, files }, BEST);
    expect(planned.ok && planned.value.rungs.map(({ file }) => file.bitrateKbps)).toEqual([24, 320]);
  });

  it('refuses a manifest without a file, and one that contradicts itself, by field', () => {
    const without = planTrack({ ...manifest, files: [] }, BEST);
    expect(without.ok ? null : [without.error.code, without.error.field]).toEqual(['fetch.unexpected-answer', 'files']);
    const tooLong = planTrack({ ...manifest, durationFrames: frames(99 * 48_000) }, BEST);
    expect(tooLong.ok ? null : tooLong.error.field).toBe('durationFrames');
  });

  it('knows whether a fresh manifest still has its files', () => {
    const planned = planTrack(manifest, BEST);
    if (!planned.ok) throw planned.error;
    expect(isStillThere(planned.value, manifest)).toBe(true);
    expect(isStillThere(planned.value, { ...manifest, files: manifest.files.slice(1) })).toBe(false);
  });
});
