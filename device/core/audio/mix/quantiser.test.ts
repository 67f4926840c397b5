import { describe, expect, it } from 'vitest';
import { createQuantiser } from './quantiser.ts';

const STEADY = { first: 1, step: 0 };

/** All of `from`, at gain 1. */
function quantised(bits: 16 | 24 | 32, seed: number | null, from: Float32Array): number[] {
  const quantiser = createQuantiser(bits, seed);
  const to = quantiser.createBlock(from.length / 2);
  quantiser.quantise(from, 0, to, from.length / 2, STEADY);
  return [...to];
}

describe('a quantiser', () => {
  it('is exact without dither, for every value there is', () => {
    const values = Array.from({ length: 65_536 }, (_, index) => index - 32_768);
    const from = Float32Array.from(values, (value) => value / 32_768);
    expect(quantised(16, null, from)).toEqual(values);
  });

  it('puts 24 bits on the left of 32, and gives 32 as they are', () => {
    const from = Float32Array.of(0.5, -0.5, 1 / 2 ** 23, -1, 3 / 2 ** 24, 0);
    const step = 256;
    expect(quantised(24, 1, from)).toEqual([2 ** 30, -(2 ** 30), step, -(2 ** 31), 2 * step, 0]);
    expect(quantised(32, 1, from)).toEqual([2 ** 30, -(2 ** 30), 256, -(2 ** 31), 384, 0]);
  });

  it.each([
    [16, 32_767, -32_768],
    [24, (2 ** 23 - 1) * 256, -(2 ** 31)],
    [32, 2 ** 31 - 1, -(2 ** 31)],
  ] as const)('of %i bits clips instead of wrapping round', (bits, max, min) => {
    expect(quantised(bits, 5, Float32Array.of(1.5, -1.5, 1, -1.01))).toEqual([max, min, max, min]);
  });

  it('moves the gain in a straight line, from any place in the ring', () => {
    const from = new Float32Array(40).fill(0.5);
    const quantiser = createQuantiser(32, null);
    const to = quantiser.createBlock(4);
    quantiser.quantise(from, 16, to, 4, { first: 0.25, step: 0.25 });
    expect([...to].map((value) => value / 2 ** 31)).toEqual(
      [0.125, 0.125, 0.25, 0.25, 0.375, 0.375, 0.5, 0.5].map((value) => Math.min(value, 1)),
    );
  });

  it('dithers: the mean of many is the value between two steps, and silence stays silent', () => {
    const count = 200_000;
    const dithered = quantised(16, 1, new Float32Array(count).fill(10.3 / 32_768));
    const mean = dithered.reduce((sum, value) => sum + value, 0) / count;
    expect(Math.abs(mean - 10.3)).toBeLessThan(0.02);
    // Triangular: never further than the steps next to it.
    expect([...new Set(dithered)].sort()).toEqual([10, 11, 9]);
    expect(new Set(quantised(16, 1, new Float32Array(1_000)))).toEqual(new Set([0]));
  });

  it('dithers the channels apart: what one has says nothing of the other', () => {
    const count = 100_000;
    const dithered = quantised(16, 7, new Float32Array(2 * count).fill(0.5 / 32_768));
    let together = 0;
    for (let frame = 0; frame < count; frame += 1) {
      together += ((dithered[2 * frame] ?? 0) - 0.5) * ((dithered[2 * frame + 1] ?? 0) - 0.5);
    }
    expect(Math.abs(together / count)).toBeLessThan(0.01);
  });

  it('is the same for the same seed, and another for another', () => {
    const from = Float32Array.from({ length: 1_000 }, (_, index) => Math.sin(index) / 3);
    expect(quantised(16, 3, from)).toEqual(quantised(16, 3, from));
    expect(quantised(16, 3, from)).not.toEqual(quantised(16, 4, from));
  });
});
