/** The discovery suite on the virtual air, and by real mDNS where this machine hears its own multicast. */
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { createBonjourDiscovery } from '#protocol/adapters/bonjour-discovery';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { silentLogger } from '#protocol/kit/silent-logger';
import { createVirtualAir } from '#sim/network/virtual-discovery';
import { VirtualClock } from '#sim/world/virtual-clock';
import { describeDiscovery } from './discovery.suite.ts';

const POLL_MS = 20;
/** A packet to oneself takes less than a millisecond. */
const MULTICAST_WITHIN_MS = 500;
const MDNS_GROUP = '224.0.0.251';

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

/** Containers without a route for multicast cannot run mDNS at all; that is theirs, not the adapter's. */
async function hearsOwnMulticast(): Promise<boolean> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.on('error', () => resolve(false));
  socket.on('message', () => resolve(true));
  socket.bind(0, () => {
    try {
      socket.addMembership(MDNS_GROUP);
      socket.send('anybody?', socket.address().port, MDNS_GROUP);
    } catch {
      resolve(false);
    }
  });
  setTimeout(() => resolve(false), MULTICAST_WITHIN_MS);
  const isHeard = await promise;
  socket.close();
  return isHeard;
}

async function untilReal(condition: () => boolean, limit: number): Promise<boolean> {
  for (const endMs = performance.now() + limit; performance.now() < endMs; ) {
    if (condition()) return true;
    await sleep(POLL_MS);
  }
  return condition();
}

if (await hearsOwnMulticast()) {
  describeDiscovery('bonjour', async () => {
    const clock = createSystemClock();
    const near = createBonjourDiscovery(clock, silentLogger);
    const far = createBonjourDiscovery(clock, silentLogger);
    // Nobody else's: other tests may run on the same network.
    const type = `ta-${createSystemRandom().token(8).toLowerCase().replaceAll(/[_-]/g, 'x')}`;
    const stop = async () => {
      await near.close();
      await far.close();
    };
    return { near, far, type, until: untilReal, stop };
  });
} else {
  describe('discovery: bonjour', () => it.runIf(false)('needs a network that carries multicast', () => {}));
}
