import { describe, expect, it } from 'vitest';
import type { Recording } from '#sim/processes/recorder';
import { fingerprintTrack } from './fingerprint-track.ts';
import { followTrack } from './follow-track.ts';

const RATE = 48_000;
const track = { name: 'the track', samples: fingerprintTrack(71, 4 * RATE) };

function recordingOf(...parts: readonly Float32Array[]): Recording {
  const whole = parts.flatMap((part) => [...part]);
  const samples = Int16Array.from(whole.flatMap((value) => [Math.round(value * 20_000), Math.round(value * 20_000)]));
  return { samples, frameCount: whole.length, startedAtMs: 0 };
}

const part = (from: number, to: number) => track.samples.subarray(from, to);

describe('followTrack', () => {
  it('finds nothing wrong with what is whole', () => {
    const recording = recordingOf(part(7_001, 3 * RATE));
    expect(followTrack(recording, track, 0, recording.frameCount)).toEqual({
      quietFrames: 0,
      longestQuietFrames: 0,
      quiets: 0,
      jumps: 0,
      lostFrames: 0,
      foreign: 0,
    });
  });

  it('measures a silence after which it goes on in place', () => {
    const recording = recordingOf(part(0, RATE), new Float32Array(9_000), part(RATE, 2 * RATE));
    const followed = followTrack(recording, track, 0, recording.frameCount);
    expect(followed).toMatchObject({ jumps: 0, foreign: 0 });
    expect(Math.abs(followed.quietFrames - 9_000)).toBeLessThan(60);
    expect(Math.abs(followed.lostFrames)).toBeLessThan(60);
  });

  it('counts frames lost in a silence and without one, and frames heard again', () => {
    const silent = recordingOf(part(0, RATE), new Float32Array(9_000), part(RATE + 5_000, 2 * RATE));
    expect(followTrack(silent, track, 0, silent.frameCount).jumps).toBe(1);
    const lost = recordingOf(part(0, RATE), part(RATE + 960, 2 * RATE));
    expect(followTrack(lost, track, 0, lost.frameCount)).toMatchObject({ jumps: 1, lostFrames: 960, quietFrames: 0 });
    const again = recordingOf(part(0, RATE), part(RATE - 960, 2 * RATE));
    expect(followTrack(again, track, 0, again.frameCount)).toMatchObject({ jumps: 1, lostFrames: -960 });
  });

  it('knows what is not the track', () => {
    const recording = recordingOf(part(0, RATE), fingerprintTrack(72, RATE), part(RATE, 2 * RATE));
    const followed = followTrack(recording, track, 0, recording.frameCount);
    expect(followed.foreign).toBeGreaterThan(5);
  });
});
