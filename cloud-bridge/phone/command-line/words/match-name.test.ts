import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, matchName } from './match-name.ts';

const SPEAKERS = [
  { id: 'k1tchen-aaaa', name: 'Kitchen' },
  { id: 'bed-bbbbbbbb', name: 'Bedroom Left' },
  { id: 'bed-cccccccc', name: 'Bedroom Right' },
  { id: 'cafe-dddddddd', name: 'Café' },
];

function match(typed: string) {
  const found = matchName(SPEAKERS, typed);
  if (found.kind === 'one') return found.item.name;
  if (found.kind === 'several') return found.items.map((it) => it.name);
  return { nearest: found.nearest?.name ?? null };
}

describe('matchName', () => {
  it.each([
    ['Kitchen', 'Kitchen'],
    ['kit', 'Kitchen'],
    ['KITCHEN', 'Kitchen'],
    ['cafe', 'Café'],
    ['k1tchen-aaaa', 'Kitchen'],
    ['bed-b', 'Bedroom Left'],
    ['right', 'Bedroom Right'],
    ['bedroom  left', 'Bedroom Left'],
  ])('%s means %s', (typed, name) => {
    expect(match(typed)).toBe(name);
  });

  it('lists what a shortened name fits', () => {
    expect(match('bed')).toEqual(['Bedroom Left', 'Bedroom Right']);
  });

  it('takes a whole name before the beginning of another', () => {
    const found = matchName(
      [
        { id: '1', name: 'Office' },
        { id: '2', name: 'Office Two' },
      ],
      'office',
    );
    expect(found).toEqual({ kind: 'one', item: { id: '1', name: 'Office' } });
  });

  it('suggests the nearest name, and none for what resembles nothing', () => {
    expect(match('kichten')).toEqual({ nearest: 'Kitchen' });
    expect(match('garage')).toEqual({ nearest: null });
    expect(match('')).toEqual({ nearest: null });
  });
});

describe('editDistance', () => {
  it('counts a swap of neighbours as one', () => {
    expect(editDistance('paly', 'play')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });

  it('is symmetrical, and zero only for the same text', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
