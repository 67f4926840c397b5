import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { SeededRandom } from '#sim/world/seeded-random';
import { fullJitter } from './retry-schedule.ts';

const atTheTop = { fraction: () => 0.999_999, token: () => '' };

describe('full jitter', () => {
  it('doubles its ceiling up to the cap', () => {
    const schedule = fullJitter(atTheTop, { baseMs: ms(100), capMs: ms(1_000) });
    const waits = Array.from({ length: 7 }, () => Math.round(schedule.next()));
    expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000]);
  });

  it('begins again after a reset', () => {
    const schedule = fullJitter(atTheTop, { baseMs: ms(100), capMs: ms(1_000) });
    schedule.next();
    schedule.next();
    schedule.reset();
    expect(Math.round(schedule.next())).toBe(100);
  });

  it('spreads over the whole range from zero', () => {
    const schedule = fullJitter(new SeededRandom(7), { baseMs: ms(100), capMs: ms(100) });
    const waits = Array.from({ length: 1_000 }, () => schedule.next());
    expect(Math.min(...waits)).toBeLessThan(2);
    expect(Math.max(...waits)).toBeGreaterThan(98);
    expect(Math.max(...waits)).toBeLessThanOrEqual(100);
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    expect(Math.abs(mean - 50)).toBeLessThan(4);
  });

  it('stays at the cap for ever', () => {
    const schedule = fullJitter(atTheTop, { baseMs: ms(1), capMs: ms(30_000) });
    for (let attempt = 0; attempt < 5_000; attempt += 1) schedule.next();
    expect(Math.round(schedule.next())).toBe(30_000);
  });

  it('refuses a schedule that could not wait', () => {
    expect(() => fullJitter(atTheTop, { baseMs: ms(0), capMs: ms(10) })).toThrow(RangeError);
    expect(() => fullJitter(atTheTop, { baseMs: ms(20), capMs: ms(10) })).toThrow(RangeError);
  });
});
