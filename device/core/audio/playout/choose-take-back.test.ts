import { describe, expect, it } from 'vitest';
import { chooseTakeBack, type PlayoutChange, WAITING_FRAMES_TOLERATED } from './choose-take-back.ts';

const MUCH = 4_800;

describe('what is done with the sound that waits in the device', () => {
  it.each<[PlayoutChange, boolean, number, string, string]>([
    ['pause', true, MUCH, 'rewind', 'device-gives-back'],
    ['volume', true, MUCH, 'rewind', 'device-gives-back'],
    ['resume', true, 100, 'rewind', 'device-gives-back'],
    ['replace', true, 1, 'rewind', 'device-gives-back'],
    ['pause', true, 0, 'leave', 'nothing-waits'],
    ['pause', false, MUCH, 'drop', 'would-be-heard-late'],
    ['replace', false, MUCH, 'drop', 'would-be-heard-late'],
    ['replace', false, WAITING_FRAMES_TOLERATED + 1, 'drop', 'would-be-heard-late'],
    ['replace', false, WAITING_FRAMES_TOLERATED, 'leave', 'soon-heard'],
    ['volume', false, MUCH, 'leave', 'an-edge-is-worse'],
    ['resume', false, MUCH, 'leave', 'an-edge-is-worse'],
    ['pause', false, 0, 'leave', 'nothing-waits'],
  ])('%s, gives back: %s, %i frames wait: %s (%s)', (change, canRewind, waitingFrames, kind, reason) => {
    expect(chooseTakeBack(change, { canRewind, waitingFrames })).toEqual({ kind, reason });
  });
});
