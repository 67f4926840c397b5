import { describe, expect, it } from 'vitest';
import { createSystemRandom } from './system-random.ts';

describe('system randomness', () => {
  it('draws fractions from the whole of [0, 1)', () => {
    const random = createSystemRandom();
    const draws = Array.from({ length: 4_000 }, () => random.fraction());
    expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
    expect(Math.min(...draws)).toBeLessThan(0.01);
    expect(Math.max(...draws)).toBeGreaterThan(0.99);
  });

  it('makes tokens of exactly the length and alphabet that ids have', () => {
    const random = createSystemRandom();
    for (let length = 1; length <= 64; length += 1) {
      expect(random.token(length)).toMatch(new RegExp(`^[0-9A-Za-z_-]{${length}}$`));
    }
    expect(new Set(Array.from({ length: 1_000 }, () => random.token(22))).size).toBe(1_000);
  });
});
