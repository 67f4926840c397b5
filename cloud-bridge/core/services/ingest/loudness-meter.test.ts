import { describe, expect, it } from 'vitest';
import type { Loudness } from '#bridge/core/ports/track-encoder';
import { LoudnessMeter } from './loudness-meter.ts';

const RATE = 48_000;

function measure(frames: number, left: (n: number) => number, right = left): Loudness | null {
  const meter = new LoudnessMeter();
  const pcm = new Int16Array(frames * 2);
  for (let n = 0; n < frames; n += 1) {
    pcm[n * 2] = Math.round(left(n) * 32_767);
    pcm[n * 2 + 1] = Math.round(right(n) * 32_767);
  }
  // In uneven pieces, as decoders give them.
  for (let offset = 0; offset < pcm.length; offset += 2_026) meter.add(pcm.subarray(offset, offset + 2_026));
  return meter.measured();
}

const sine =
  (hz: number, amplitude: number, phase = 0) =>
  (n: number): number =>
    amplitude * Math.sin((2 * Math.PI * hz * n) / RATE + phase);
const level = (decibels: number): number => 10 ** (decibels / 20);

describe('loudness', () => {
  it('of a 997 Hz sine at full scale in one channel is −3.01 LUFS (BS.1770)', () => {
    expect(measure(3 * RATE, sine(997, 1), () => 0)?.integratedLufs).toBeCloseTo(-3.01, 1);
  });

  it('of a stereo sine at −23 dBFS is −23 LUFS (EBU Tech 3341, case 1)', () => {
    expect(measure(3 * RATE, sine(1_000, level(-23)))?.integratedLufs).toBeCloseTo(-23, 1);
  });

  it('leaves out what is more than 10 LU below the rest (EBU Tech 3341, case 3)', () => {
    const parts = (n: number): number => sine(1_000, level(n < 2 * RATE || n >= 8 * RATE ? -36 : -23))(n);
    // Ungated it would be −24.9; the blocks that straddle the changes count a little.
    expect(measure(10 * RATE, parts)?.integratedLufs).toBeGreaterThan(-23.3);
    expect(measure(10 * RATE, parts)?.integratedLufs).toBeLessThan(-22.9);
  });

  it('of silence, and of less than 400 ms, cannot be told', () => {
    expect(measure(2 * RATE, () => 0)).toBeNull();
    expect(measure(RATE / 4, sine(1_000, 1))).toBeNull();
  });
});

describe('true peak', () => {
  it('finds the crest between two samples (EBU Tech 3341, case 16)', () => {
    // A quarter of the rate at 45°: every sample is 3 dB below the crest.
    const peak = measure(RATE, sine(RATE / 4, 0.5, Math.PI / 4))?.truePeakDbtp ?? 0;
    expect(Math.abs(peak + 6.02)).toBeLessThan(0.3);
  });

  it('is the sample peak where nothing rises above it', () => {
    expect(measure(RATE, sine(100, level(-12)))?.truePeakDbtp).toBeCloseTo(-12, 1);
  });

  it('counts the louder channel', () => {
    expect(measure(RATE, sine(100, level(-20)), sine(100, level(-9)))?.truePeakDbtp).toBeCloseTo(-9, 1);
  });
});
