import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { playOrder, seedBeginningAt } from './play-order.ts';

const seeds = fc.integer({ min: 0, max: 0xffffffff });
const counts = fc.integer({ min: 1, max: 300 });

describe('playOrder', () => {
  it('is the context’s own order without a seed', () => {
    expect(playOrder(4, null)).toEqual([0, 1, 2, 3]);
  });

  it('has every place once, and the same for the same seed', () => {
    fc.assert(
      fc.property(counts, seeds, (count, seed) => {
        const order = playOrder(count, seed);
        expect([...order].sort((a, b) => a - b)).toEqual(playOrder(count, null));
        expect(playOrder(count, seed)).toEqual(order);
      }),
    );
  });

  it('begins where the seed was chosen to begin', () => {
    fc.assert(
      fc.property(counts, fc.nat(299), fc.double({ min: 0, max: 0.999999, noNaN: true }), (count, any, fraction) => {
        const index = any % count;
        const seed = seedBeginningAt(index, count, fraction);
        expect(seed).toBeLessThanOrEqual(0xffffffff);
        expect(playOrder(count, seed)[0]).toBe(index);
      }),
    );
  });

  it('keeps one fixed answer, because speakers and phones of other versions compute it too', () => {
    expect(playOrder(8, 12_345).join(' ')).toBe('1 5 0 6 4 3 2 7');
  });
});
