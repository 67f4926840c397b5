import { describe, expect, it } from 'vitest';
import type { Recording } from '#sim/processes/recorder';
import { fingerprintTrack } from './fingerprint-track.ts';
import { longestQuiet, onsetAfter, whatPlays } from './where-is.ts';

function recordingOf(left: Float32Array): Recording {
  const samples = new Int16Array(left.length * 2);
  left.forEach((value, i) => {
    samples[i * 2] = Math.round(value * 32_767);
    samples[i * 2 + 1] = Math.round(value * 32_767);
  });
  return { samples, frameCount: left.length, startedAtMs: 0 };
}

describe('whatPlays', () => {
  const tracks = [1, 2].map((seed) => ({ name: `track ${seed}`, samples: fingerprintTrack(seed, 96_000) }));

  it('names the track and the very frame', () => {
    const heard = new Float32Array(20_000);
    heard.set((tracks[1]?.samples ?? new Float32Array()).subarray(31_007, 31_007 + 10_000), 5_003);
    expect(whatPlays(recordingOf(heard), 6_000, 4_800, tracks)).toMatchObject({
      kind: 'track',
      name: 'track 2',
      frame: 31_007 + 997,
    });
  });

  it('knows silence, and music it does not know', () => {
    expect(whatPlays(recordingOf(new Float32Array(9_600)), 0, 4_800, tracks)).toEqual({ kind: 'silence' });
    expect(whatPlays(recordingOf(fingerprintTrack(3, 9_600)), 0, 4_800, tracks).kind).toBe('unknown');
  });

  it('finds where sound begins and the longest quiet', () => {
    const heard = new Float32Array(10_000);
    heard.fill(0.5, 2_000, 4_000).fill(0.5, 4_500, 5_000);
    expect(onsetAfter(recordingOf(heard), 0)).toBe(2_000);
    expect(onsetAfter(recordingOf(heard), 5_000)).toBeUndefined();
    expect(longestQuiet(recordingOf(heard), 2_000, 5_000)).toBe(500);
  });
});
