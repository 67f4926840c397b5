/** The discovery suite on the virtual air. */
import { createVirtualAir } from '#sim/network/virtual-discovery';
import { VirtualClock } from '#sim/world/virtual-clock';
import { describeDiscovery } from './discovery.suite.ts';

describeDiscovery('virtual air', async () => {
  const clock = new VirtualClock();
  const air = createVirtualAir(clock);
  return {
    near: air.discoveryAt('near', '10.0.0.1'),
    far: air.discoveryAt('far', '10.0.0.2'),
    type: 'tonearm',
    until: (condition, limit) => clock.runUntil(condition, limit),
    stop: async () => {},
  };
});
