import { describe, expect, it } from 'vitest';
import { SeededRandom } from '#sim/world/seeded-random';
import { settleMicrotasks } from '#sim/world/virtual-clock';
import { createSerialLock, LOCK_WAITERS_MAX } from './serial-lock.ts';

describe('serial lock', () => {
  it('never has two holders, and serves in order', async () => {
    const random = new SeededRandom(11);
    const lock = createSerialLock();
    const order: number[] = [];
    let holders = 0;
    let holdersMax = 0;
    const tasks = Array.from({ length: 200 }, (_, index) =>
      lock.run(async () => {
        holders += 1;
        holdersMax = Math.max(holdersMax, holders);
        for (let turn = random.between(0, 5); turn > 0; turn -= 1) await undefined;
        order.push(index);
        holders -= 1;
        // One that comes exactly as the lock is handed over must still wait its turn.
        if (index === 50) void lock.run(async () => order.push(1_000));
      }),
    );
    await Promise.all(tasks);
    await settleMicrotasks();
    expect(holdersMax).toBe(1);
    expect(order).toEqual([...Array.from({ length: 200 }, (_, index) => index), 1_000]);
  });

  it('goes on after a task that fails, whose caller alone is told', async () => {
    const lock = createSerialLock();
    const failing = lock.run(async () => {
      throw new Error('mine');
    });
    const next = lock.run(async () => 0);
    await expect(failing).rejects.toThrow('mine');
    expect(await next).toBe(0);
  });

  it('takes a task that throws before its first await for a failed one', async () => {
    const lock = createSerialLock();
    const failing = lock.run(() => {
      throw new Error('at once');
    });
    await expect(failing).rejects.toThrow('at once');
    expect(await lock.run(async () => 'next')).toBe('next');
  });

  it('says that something is stuck rather than collect waiters for ever', () => {
    const lock = createSerialLock();
    const never = () => new Promise<void>(() => undefined);
    for (let waiter = 0; waiter < LOCK_WAITERS_MAX; waiter += 1) void lock.run(never);
    expect(() => lock.run(never)).toThrow('assertion failed');
  });
});
