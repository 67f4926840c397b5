import { describe, expect, it } from 'vitest';
import { lastLoudBefore, onsetOn, peakBefore } from './sides.ts';

const samples = new Int16Array(200);
samples[40] = 500;
samples[81] = -500;
const recording = { samples, frameCount: 100, startedAtMs: 0 };

describe('sides', () => {
  it('finds the first loud frame on a side, and on any', () => {
    expect(onsetOn(recording, 'left', 0)).toBe(20);
    expect(onsetOn(recording, 'right', 0)).toBe(40);
    expect(onsetOn(recording, null, 21)).toBe(40);
    expect(onsetOn(recording, 'left', 21)).toBeUndefined();
  });

  it('takes for loud what is louder than what leaked there before', () => {
    expect(peakBefore(recording, 'right', 40)).toBe(0);
    expect(peakBefore(recording, null, 100)).toBe(500);
    expect(onsetOn(recording, 'right', 0, 499)).toBe(40);
    expect(onsetOn(recording, 'right', 0, 500)).toBeUndefined();
  });

  it('finds the last loud frame before another', () => {
    expect(lastLoudBefore(recording, null, 100)).toBe(40);
    expect(lastLoudBefore(recording, null, 40)).toBe(20);
    expect(lastLoudBefore(recording, 'right', 40)).toBeUndefined();
  });
});
