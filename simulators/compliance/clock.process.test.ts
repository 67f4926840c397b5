/** The clock suite on virtual time, and, with tiny real delays, on the machine's own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { VirtualClock } from '#sim/world/virtual-clock';
import { describeClock } from './clock.suite.ts';

const POLL_MS = 1;

describeClock('virtual', () => {
  const clock = new VirtualClock();
  return { clock, until: (condition, limit) => clock.runUntil(condition, limit) };
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
