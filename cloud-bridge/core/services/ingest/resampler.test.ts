import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Resampler } from './resampler.ts';

function convert(rateHz: number, samples: Float32Array, pieceLength = 4_096): Float32Array {
  const resampler = new Resampler(rateHz);
  const parts: Float32Array[] = [];
  for (let offset = 0; offset < samples.length; offset += pieceLength) {
    parts.push(resampler.add(samples.subarray(offset, offset + pieceLength)));
  }
  parts.push(resampler.finish());
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

const sineAt = (rateHz: number, hz: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hz * n) / rateHz));

/** Signal to noise against the sine itself, away from the edges, in dB. */
function fidelity(output: Float32Array, hz: number): number {
  const edge = 1_000;
  let signal = 0;
  let noise = 0;
  for (let n = edge; n < output.length - edge; n += 1) {
    const right = 0.5 * Math.sin((2 * Math.PI * hz * n) / 48_000);
    signal += right * right;
    noise += (right - (output[n] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

describe('resampling to 48 kHz', () => {
  it.each([
    [44_100, 997],
    [44_100, 17_000],
    [22_050, 5_000],
    [32_000, 11_000],
    [96_000, 15_000],
    [192_000, 1_000],
    [11_025, 440],
  ])('keeps a sine from %i Hz at %i Hz to more than 90 dB', (rateHz, hz) => {
    expect(fidelity(convert(rateHz, sineAt(rateHz, hz, rateHz / 2)), hz)).toBeGreaterThan(90);
  });

  it('lets nothing through that 48 kHz cannot hold', () => {
    const output = convert(96_000, sineAt(96_000, 30_000, 48_000)).subarray(1_000, 20_000);
    expect(Math.max(...output.map(Math.abs))).toBeLessThan(0.5 * 10 ** (-90 / 20));
  });

  it('gives the length that the rates say, however it is fed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(44_100, 22_050, 32_000, 96_000, 8_000),
        fc.integer({ min: 0, max: 3_000 }),
        fc.integer({ min: 1, max: 700 }),
        (rateHz, count, pieceLength) => {
          const samples = sineAt(rateHz, 300, count);
          const output = convert(rateHz, samples, pieceLength);
          expect(output.length).toBe(Math.round((count * 48_000) / rateHz));
          expect(output).toEqual(convert(rateHz, samples));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('refuses rates that no music has', () => {
    expect(() => new Resampler(0)).toThrow(RangeError);
    expect(() => new Resampler(44_100.5)).toThrow(RangeError);
    expect(() => new Resampler(10_000_000)).toThrow(RangeError);
  });
});
