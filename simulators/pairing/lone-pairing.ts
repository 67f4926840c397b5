/** Pairing in a house without a network: there is nobody to pair, and whoever tries is told so. */
import type { SpeakerDoors } from '#bridge/core/ports/speaker-doors';
import { Pairing, type PairingPorts } from '#bridge/core/services/pairing/pairing';
import { silentLogger } from '#protocol/kit/silent-logger';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { bridgeId } from '#protocol/vocabulary/ids';
import { refused } from '#protocol/vocabulary/result';
import { createMemoryPairedSpeakers } from '#sim/world/memory-paired-speakers';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualIdentities } from '#sim/world/virtual-identities';
import { createVirtualPairingCipher } from './virtual-pairing-cipher.ts';

const NOBODY: SpeakerDoors = {
  info: async () => refused(new TonearmError('connect.unreachable', 'nobody is there')),
  ask: async () => refused(new TonearmError('connect.unreachable', 'nobody is there')),
};

/** @param otherwise ports that are somebody after all */
export function createLonePairing(clock: Clock, otherwise: Partial<PairingPorts> = {}): Pairing {
  const random = new SeededRandom(3);
  const ports: PairingPorts = {
    clock,
    logger: silentLogger,
    doors: NOBODY,
    discovery: null,
    paired: createMemoryPairedSpeakers(new Map()),
    check: new VirtualIdentities(random),
    loadCipher: async () => createVirtualPairingCipher(random),
    ...otherwise,
  };
  return new Pairing(ports, {
    bridgeId: bridgeId('bridge-alone'),
    publicKey: new Uint8Array(32),
    householdId: 'household-alone',
    tlsPin: new Uint8Array(32),
    tlsPort: () => 4748,
    addresses: () => ['wss://127.0.0.1:4748'],
  });
}
