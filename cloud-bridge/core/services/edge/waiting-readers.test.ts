import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, ms } from '#protocol/vocabulary/units';
import { type WaitingReader, WaitingReaders } from './waiting-readers.ts';

function readers(limits = { stalledAfter: ms(1_000), bytesMax: bytes(1_000) }) {
  const cut: string[] = [];
  const reader = (name: string): WaitingReader => ({ cut: () => cut.push(name) });
  return { cut, reader, waiting: new WaitingReaders(limits) };
}

describe('readers that wait', () => {
  it('are cut when they take nothing for too long, and not when they go on', () => {
    const { cut, reader, waiting } = readers();
    const [slow, steady] = [reader('slow'), reader('steady')];
    waiting.began(slow, [new ArrayBuffer(10)], 0);
    waiting.began(steady, [new ArrayBuffer(10)], 0);
    waiting.ended(steady);
    waiting.began(steady, [new ArrayBuffer(10)], 900);
    expect(waiting.cutStalled(999)).toBe(0);
    expect(waiting.cutStalled(1_000)).toBe(1);
    expect([cut, waiting.count, waiting.heldBytes]).toEqual([['slow'], 1, 10]);
  });

  it('give way to those that come, the longest waiting first', () => {
    const { cut, reader, waiting } = readers();
    for (const name of ['a', 'b', 'c']) waiting.began(reader(name), [new ArrayBuffer(400)], 0);
    expect([cut, waiting.heldBytes]).toEqual([['a'], 800]);
    expect(waiting.began(reader('whale'), [new ArrayBuffer(5_000)], 0)).toBe(3);
    expect([waiting.count, waiting.heldBytes]).toEqual([0, 0]);
  });

  it('hold together what they share, until the last of them has taken it', () => {
    const { cut, reader, waiting } = readers();
    const shared = new ArrayBuffer(600);
    const [one, other] = [reader('one'), reader('other')];
    waiting.began(one, [shared, new ArrayBuffer(10)], 0);
    expect(waiting.isCrowded).toBe(true);
    waiting.began(other, [shared], 0);
    expect([cut, waiting.heldBytes]).toEqual([[], 610]);
    waiting.ended(one);
    expect(waiting.heldBytes).toBe(600);
    waiting.ended(other);
    expect([waiting.heldBytes, waiting.isCrowded]).toEqual([0, false]);
  });

  it('never hold more than their budget, whatever they do', () => {
    const acts = fc.array(fc.tuple(fc.nat(9), fc.nat(600), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(acts, (steps) => {
        const { reader, waiting } = readers();
        const all = Array.from({ length: 10 }, (_, number) => reader(String(number)));
        for (const [number, held, ends] of steps) {
          const one = all[number] ?? reader('none');
          if (ends) waiting.ended(one);
          else waiting.began(one, [new ArrayBuffer(held)], 0);
          expect(waiting.heldBytes).toBeLessThanOrEqual(1_000);
        }
        for (const one of all) waiting.ended(one);
        expect([waiting.count, waiting.heldBytes]).toEqual([0, 0]);
      }),
    );
  });
});
