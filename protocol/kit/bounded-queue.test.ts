import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBoundedQueue } from './bounded-queue.ts';

describe('bounded queue', () => {
  it('holds falsy values like any other', async () => {
    const queue = createBoundedQueue<unknown>(5);
    for (const value of [0, '', false, null, undefined]) expect(queue.push(value)).toBe(true);
    expect(queue.shift()).toEqual({ value: 0 });
    expect(await queue.take()).toEqual({ value: '' });
    expect(queue.shift()).toEqual({ value: false });
    expect(queue.shift()).toEqual({ value: null });
    expect(queue.shift()).toEqual({ value: undefined });
    expect(queue.shift()).toBeNull();
  });

  it('refuses what is above its limit and has room again after a shift', () => {
    const queue = createBoundedQueue<number>(2);
    expect([queue.push(1), queue.push(2), queue.push(3)]).toEqual([true, true, false]);
    queue.shift();
    expect(queue.push(4)).toBe(true);
    expect(queue.clear()).toBe(2);
    expect(queue.size()).toBe(0);
  });

  it('hands values to waiting takers in order', async () => {
    const queue = createBoundedQueue<number>(3);
    const takers = [queue.take(), queue.take()];
    queue.push(0);
    queue.push(1);
    expect(queue.size()).toBe(0);
    expect(await Promise.all(takers)).toEqual([{ value: 0 }, { value: 1 }]);
  });

  it('gives what is left after a close, then null, to every taker', async () => {
    const queue = createBoundedQueue<number>(3);
    queue.push(0);
    queue.close();
    expect(queue.push(1)).toBe(false);
    expect(await queue.take()).toEqual({ value: 0 });
    expect(await queue.take()).toBeNull();

    const waiting = createBoundedQueue<number>(3);
    const takers = [waiting.take(), waiting.take()];
    waiting.close();
    waiting.close();
    expect(await Promise.all(takers)).toEqual([null, null]);
  });

  it('behaves as a bounded list does, whatever is done to it', () => {
    const step = fc.oneof(fc.record({ push: fc.integer() }), fc.constant('shift' as const));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step), (limit, steps) => {
        const queue = createBoundedQueue<number>(limit);
        const model: number[] = [];
        for (const one of steps) {
          if (one === 'shift') {
            const expected = model.shift();
            expect(queue.shift()).toEqual(expected === undefined ? null : { value: expected });
          } else {
            const fits = model.length < limit;
            if (fits) model.push(one.push);
            expect(queue.push(one.push)).toBe(fits);
          }
          expect(queue.size()).toBe(model.length);
        }
      }),
    );
  });
});
