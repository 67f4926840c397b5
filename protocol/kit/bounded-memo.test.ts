import { describe, expect, it } from 'vitest';
import { createBoundedMemo } from './bounded-memo.ts';

describe('a bounded memo', () => {
  it('makes each value once, as long as there is room', () => {
    const made: string[] = [];
    const memo = createBoundedMemo(2, (key: string) => {
      made.push(key);
      return { key };
    });
    const first = memo('a');
    expect(memo('b')).toEqual({ key: 'b' });
    expect(memo('a')).toBe(first);
    expect(made).toEqual(['a', 'b']);
    memo('c');
    expect(memo('c')).toEqual({ key: 'c' });
    expect(memo('a')).toEqual(first);
    expect(made).toEqual(['a', 'b', 'c', 'a']);
  });

  it('holds nothing of what could not be made, and lets nothing go for it', () => {
    let isBroken = true;
    const memo = createBoundedMemo(1, (key: string) => {
      if (isBroken && key === 'odd') throw new RangeError(key);
      return { key };
    });
    const kept = memo('kept');
    expect(() => memo('odd')).toThrow(RangeError);
    expect(memo('kept')).toBe(kept);
    isBroken = false;
    expect(memo('odd')).toEqual({ key: 'odd' });
  });
});
