import { createNoblePairingCipher } from '#protocol/adapters/noble-pairing-cipher';
import { createVirtualPairingCipher } from '#sim/pairing/virtual-pairing-cipher';
import { SeededRandom } from '#sim/world/seeded-random';
import { describePairingCipher } from './pairing-cipher.suite.ts';

describePairingCipher('noble', createNoblePairingCipher);
describePairingCipher('virtual', () => createVirtualPairingCipher(new SeededRandom(1)));
