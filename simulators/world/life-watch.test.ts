import { describe, expect, it } from 'vitest';
import type { DeviceView } from '#device/core/device';
import { trackId } from '#protocol/vocabulary/ids';
import { FRAMES_PER_SECOND, frames, ms, percent } from '#protocol/vocabulary/units';
import type { PlayQueue, SessionState } from '#protocol/wire/playback-state';
import { LifeWatch } from './life-watch.ts';

const SECOND_US = 1_000_000;
const TRACK = trackId('0000000000000000000001');
const OTHER = trackId('0000000000000000000002');
const QUEUE: PlayQueue = { contextUri: null, trackIds: [TRACK, OTHER], index: 0, upNext: [OTHER], interlude: null };

function sessionAt(seconds: number, queue: PlayQueue = QUEUE): SessionState {
  const positionFrames = frames(seconds * FRAMES_PER_SECOND);
  const playback = { kind: 'playing', trackId: TRACK, positionFrames, durationFrames: frames(0) } as const;
  return { playback, queue, shuffleSeed: null, repeat: 'off', problem: null };
}

function viewOf(session: SessionState | null, { epoch = 3, volume = 40 } = {}): DeviceView {
  return {
    id: null,
    ...{ name: 'speaker-1', model: '', version: '', announcedName: null, clockOffset: null, revision: 1 },
    connection: { kind: 'waiting' },
    session,
    speaker: { volume: percent(volume), output: '', outputProblem: null, bufferedMs: ms(0), underruns: 0 },
    epoch,
  };
}

const HAD = viewOf(sessionAt(60));

/** @returns what is said of a speaker that had `HAD` for so long, died and came back with this */
function saidOf(now: DeviceView, { stoodUs = 20 * SECOND_US, isUnplugged = false, refusedAtUs = -1 } = {}) {
  const watch = new LifeWatch('speaker-1', { refusedAtUs });
  watch.changed(HAD, 0);
  watch.died(HAD, stoodUs, isUnplugged);
  watch.cameBack(now);
  return watch.problems();
}

describe('a speaker that died and came back', () => {
  it('is where it was, or a little before', () => {
    expect(saidOf(HAD)).toEqual([]);
    expect(saidOf(viewOf(sessionAt(58)))).toEqual([]);
    expect(saidOf(viewOf(sessionAt(53)), { isUnplugged: true })).toEqual([]);
    expect(saidOf(viewOf(sessionAt(60, { ...QUEUE, edits: [], upNextUids: [] })))).toEqual([]);
  });

  it.each([
    ['where its track began', viewOf(sessionAt(0)), /was at 2880000 frames of its track, and is at 0/],
    ['without what was put in', viewOf(sessionAt(60, { ...QUEUE, upNext: [] })), /what plays in which order was/],
    ['without its music', viewOf(null), /its music is lost/],
    ['at another volume', viewOf(sessionAt(60), { volume: 80 }), /has volume 80, and not 40/],
    ['in another epoch', viewOf(sessionAt(60), { epoch: 2 }), /believes in epoch 2, and not 3/],
  ])('is not back %s', (_, now, message) => {
    expect(saidOf(now)).toEqual([expect.stringMatching(message)]);
    expect(saidOf(now, { isUnplugged: true })).toEqual([expect.stringMatching(message)]);
  });

  it('may have lost what was on its way to a disk, or was refused by it', () => {
    const lost = viewOf(null);
    expect(saidOf(lost, { stoodUs: 50_000 })).toEqual([]);
    expect(saidOf(lost, { stoodUs: 2 * SECOND_US })).toHaveLength(1);
    expect(saidOf(lost, { stoodUs: 2 * SECOND_US, isUnplugged: true })).toEqual([]);
    expect(saidOf(lost, { refusedAtUs: SECOND_US })).toEqual([]);
  });

  it('does not take up again what it had let go', () => {
    const watch = new LifeWatch('speaker-1', { refusedAtUs: -1 });
    watch.changed(HAD, 0);
    watch.changed(viewOf(null), SECOND_US);
    watch.died(viewOf(null), 20 * SECOND_US, false);
    watch.cameBack(HAD);
    expect(watch.problems()).toEqual([expect.stringContaining('has music that it had let go')]);
  });

  it('is not held to what it was given just before it stood still or died', () => {
    const watch = new LifeWatch('speaker-1', { refusedAtUs: -1 });
    watch.changed(HAD, 0);
    watch.placed();
    watch.changed(HAD, 20 * SECOND_US);
    watch.died(HAD, 20 * SECOND_US + 1_000, false);
    watch.cameBack(viewOf(sessionAt(0)));
    watch.changed(HAD, 30 * SECOND_US);
    watch.stoodStill(30 * SECOND_US + 1_000);
    watch.died(HAD, 60 * SECOND_US, false);
    watch.cameBack(viewOf(sessionAt(0)));
    expect(watch.problems()).toEqual([]);
  });

  it('is held to what it had before, when it dies again before it has read it', () => {
    const watch = new LifeWatch('speaker-1', { refusedAtUs: -1 });
    watch.changed(HAD, 0);
    watch.died(HAD, 20 * SECOND_US, false);
    watch.died(viewOf(null), 21 * SECOND_US, true);
    watch.cameBack(viewOf(null));
    expect(watch.problems()).toEqual([expect.stringContaining('its music is lost')]);
  });
});
