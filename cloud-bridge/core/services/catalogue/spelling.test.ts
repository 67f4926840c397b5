import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldWord, slipsBetween, slipsForgiven } from './spelling.ts';

describe('slips between two spellings', () => {
  it.each([
    ['beatles', 'beatles', 0],
    ['beatels', 'beatles', 1],
    ['baetles', 'beatles', 1],
    ['beatle', 'beatles', 1],
    ['beattles', 'beatles', 1],
    ['beetles', 'beatles', 1],
    ['metalica', 'metallica', 1],
    ['metlaica', 'metallica', 2],
    ['abba', 'beatles', 3],
    ['ebatles', 'beatles', 1],
  ])('%s, %s: %d', (one, other, slips) => {
    expect(slipsBetween(one, other, 2)).toBe(slips);
  });

  it('are as many either way, and one for each letter changed', () => {
    const word = fc.stringMatching(/^[a-d]{0,8}$/);
    fc.assert(
      fc.property(word, word, (one, other) => {
        expect(slipsBetween(one, other, 9)).toBe(slipsBetween(other, one, 9));
        expect(slipsBetween(one, `${one}x`, 2)).toBe(1);
        expect(slipsBetween(one, other, 9) === 0).toBe(one === other);
        expect(Math.min(3, slipsBetween(one, other, 2))).toBe(Math.min(3, slipsBetween(one, other, 9)));
      }),
    );
  });

  it('are forgiven the more, the longer a word is', () => {
    expect([3, 4, 7, 8].map(slipsForgiven)).toEqual([0, 1, 1, 2]);
  });

  it('count й as a letter of its own', () => expect(foldWord('Прощай')).toBe('прощай'));
  it('do not count accents and case', () => expect(foldWord('BEYONCE\u0301')).toBe('beyonce'));
});
