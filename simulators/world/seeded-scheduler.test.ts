/** What the seed may choose, and what it may not. */
import { describe, expect, it } from 'vitest';
import { ms, us } from '#protocol/vocabulary/units';
import { SeededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

const SEEDS = 40;

async function orderOf(seed: number, arrange: (clock: VirtualClock, fired: string[]) => void): Promise<string[]> {
  const clock = new VirtualClock(us(0), new SeededRandom(seed));
  const fired: string[] = [];
  arrange(clock, fired);
  await clock.advance(ms(20));
  return fired;
}

async function ordersOf(arrange: (clock: VirtualClock, fired: string[]) => void): Promise<string[][]> {
  return Promise.all(Array.from({ length: SEEDS }, (_, seed) => orderOf(seed, arrange)));
}

describe('a seeded order', () => {
  const arrange = (clock: VirtualClock, fired: string[]): void => {
    for (const owner of ['bridge', 'speaker', 'phone']) {
      const own = clock.ownedBy(owner);
      for (let place = 0; place < 3; place += 1) own.setTimer('tick', ms(5), () => fired.push(`${owner} ${place}`));
    }
  };

  it('lets every process be first at some seed, and keeps the order of setting within each', async () => {
    const orders = await ordersOf(arrange);
    expect(new Set(orders.map(([first]) => first))).toEqual(new Set(['bridge 0', 'speaker 0', 'phone 0']));
    for (const order of orders) {
      for (const owner of ['bridge', 'speaker', 'phone']) {
        expect(order.filter((it) => it.startsWith(owner))).toEqual([`${owner} 0`, `${owner} 1`, `${owner} 2`]);
      }
    }
    // Interleaved, not one process after the other.
    expect(orders.some((order) => order[0]?.slice(0, 3) !== order[1]?.slice(0, 3))).toBe(true);
  });

  it('is the same for the same seed', async () => {
    expect(await orderOf(7, arrange)).toEqual(await orderOf(7, arrange));
  });

  it('is never against time, nor fires what was cancelled at that very instant', async () => {
    const orders = await ordersOf((clock, fired) => {
      clock.ownedBy('late').setTimer('late', ms(6), () => fired.push('late'));
      const doomed = clock.ownedBy('doomed').setTimer('doomed', ms(5), () => fired.push('doomed'));
      clock.ownedBy('killer').setTimer('killer', ms(5), () => {
        fired.push('killer');
        doomed.cancel();
      });
    });
    for (const order of orders) expect(order.at(-1)).toBe('late');
    expect(orders.some((order) => order.includes('doomed'))).toBe(true);
    expect(orders.some((order) => !order.includes('doomed'))).toBe(true);
    for (const order of orders) {
      if (order.includes('doomed')) expect(order.indexOf('doomed')).toBeLessThan(order.indexOf('killer'));
    }
  });

  it('takes in what is set for the instant while it is played, and lists what is still to fire', async () => {
    const orders = await ordersOf((clock, fired) => {
      clock.ownedBy('one').setTimer('one', ms(5), () => {
        clock.ownedBy('one').setTimer('then', ms(0), () => fired.push('then'));
      });
      clock.ownedBy('other').setTimer('other', ms(5), () => fired.push('other'));
    });
    expect(new Set(orders.map((order) => order.join()))).toEqual(new Set(['then,other', 'other,then']));
    const clock = new VirtualClock(us(0), new SeededRandom(1));
    for (const name of ['a', 'b', 'c']) clock.setTimer(name, ms(5), () => {});
    let fired = 0;
    clock.setTimer('c', ms(5), () => {
      fired += 1;
    });
    await clock.runUntil(() => clock.timers().length === 2, ms(10));
    expect(clock.timers()).toHaveLength(2);
    await clock.advance(ms(0));
    expect([clock.timers(), fired]).toEqual([[], 1]);
  });
});
