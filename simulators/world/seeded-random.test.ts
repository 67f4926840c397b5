import { describe, expect, it } from 'vitest';
import { SeededRandom } from './seeded-random.ts';

const draw = (random: SeededRandom, count: number): number[] => Array.from({ length: count }, () => random.fraction());

describe('SeededRandom', () => {
  it('gives the same numbers for the same seed and others for another', () => {
    expect(draw(new SeededRandom(7), 20)).toEqual(draw(new SeededRandom(7), 20));
    expect(draw(new SeededRandom(7), 20)).not.toEqual(draw(new SeededRandom(8), 20));
  });

  it('forks streams that do not depend on what was drawn before', () => {
    const fresh = new SeededRandom(7).fork('network');
    const used = new SeededRandom(7);
    draw(used, 100);
    expect(draw(used.fork('network'), 5)).toEqual(draw(fresh, 5));
    expect(draw(used.fork('phones'), 5)).not.toEqual(draw(new SeededRandom(7).fork('network'), 5));
  });

  it('is spread evenly enough: each tenth gets a tenth within five standard deviations', () => {
    const tenths = new Array<number>(10).fill(0);
    const count = 20_000;
    for (const value of draw(new SeededRandom(1), count)) {
      const tenth = Math.floor(value * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    const deviation = Math.sqrt(count * 0.1 * 0.9);
    for (const hits of tenths) expect(Math.abs(hits - count / 10)).toBeLessThan(5 * deviation);
  });

  it('makes tokens of the asked length from base64url', () => {
    const random = new SeededRandom(3);
    expect(random.token(16)).toMatch(/^[A-Za-z0-9_-]{16}$/);
    expect(random.token(22)).not.toBe(random.token(22));
  });

  it('keeps whole numbers within both ends and reaches both', () => {
    const random = new SeededRandom(5);
    const seen = new Set(Array.from({ length: 200 }, () => random.between(3, 6)));
    expect([...seen].sort()).toEqual([3, 4, 5, 6]);
  });
});
