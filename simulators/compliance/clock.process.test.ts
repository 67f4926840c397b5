/** The clock suite on virtual time, and, with tiny real delays, on the machine's own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { ms, us } from '#protocol/vocabulary/units';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { describeClock } from './clock.suite.ts';

const POLL_MS = 1;

describeClock('virtual', () => {
  const clock = new VirtualClock();
  return { clock, until: (condition, limit) => clock.runUntil(condition, limit) };
});

describeClock('virtual, of one process among others in a seeded order', () => {
  const world = new VirtualClock(us(0), new SeededRandom(1));
  const others = ['bridge', 'phone'].map((owner) => world.ownedBy(owner));
  const tick = (): void => {
    for (const other of others) other.setTimer('tick', ms(1), () => {});
    world.setTimer('ticks', ms(1), tick);
  };
  tick();
  return { clock: world.ownedBy('speaker'), until: (condition, limit) => world.runUntil(condition, limit) };
});

describeClock('system', () => ({
  clock: createSystemClock(),
  until: async (condition, limit) => {
    for (const endMs = performance.now() + limit; performance.now() < endMs; ) {
      if (condition()) return true;
      await sleep(POLL_MS);
    }
    return condition();
  },
}));
