import { ms } from '#protocol/vocabulary/units';
import { VirtualBroker, type VirtualBus } from '#sim/network/virtual-broker';
import { VirtualClock } from '#sim/world/virtual-clock';
import { busSuite } from './bus.suite.ts';

/** Of virtual time. */
const PATIENCE = ms(10_000);

busSuite('virtual', async () => {
  const clock = new VirtualClock();
  const broker = new VirtualBroker(clock);
  return {
    dial: async (will) => broker.dial(will ?? null),
    cut: async (bus) => broker.cut(bus as VirtualBus),
    until: (holds) => clock.runUntil(holds, PATIENCE).then(() => undefined),
    close: async () => undefined,
  };
});
