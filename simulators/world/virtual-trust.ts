/**
 * Who is who in a simulated household whose bridge asks: keys of the bridge and of each speaker, what pairing has left
 * on both sides, and what the bridge has counted. It outlives every process of the world.
 */

import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import type { SpeakerAlarms, SpeakerTrust } from '#bridge/core/relay/speaker-check';
import { SpeakerPasses } from '#bridge/core/relay/speaker-passes';
import type { Ownership } from '#device/core/ports/ownership-store';
import type { Clock } from '#protocol/ports/clock';
import type { Identity } from '#protocol/ports/identity';
import type { Random } from '#protocol/ports/random';
import { bridgeId, type SpeakerId, speakerId } from '#protocol/vocabulary/ids';
import type { PairingDisk } from '#sim/pairing/virtual-pairing-memory';
import { createMemoryPairedSpeakers, type PairedDisk } from './memory-paired-speakers.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type IdentityDisk, VirtualIdentities } from './virtual-identities.ts';

const HOUSEHOLD_ID = 'virtual-household';
const PIN_BYTES = 32;

/** What a speaker has on its disk of who it is and whose. */
export interface TrustDisk {
  readonly identity: IdentityDisk;
  readonly pairing: PairingDisk;
}

export class VirtualTrust {
  readonly identities: VirtualIdentities;
  readonly bridge: Identity;
  /** Of the certificate that the bridge answers with. */
  readonly pin: Uint8Array;
  readonly paired: PairedDisk = new Map();
  /** In the order in which they were raised. */
  readonly alarms: string[] = [];
  readonly isOpen: boolean;
  /** Of the bridge's process that runs, or ran last. */
  passes: SpeakerPasses | null = null;

  constructor(random: SeededRandom, access: 'required' | 'open') {
    this.identities = new VirtualIdentities(random.fork('identities'));
    this.bridge = this.identities.create();
    this.pin = Uint8Array.from({ length: PIN_BYTES }, () => random.between(0, 255));
    this.isOpen = access === 'open';
  }

  get bridgeId() {
    return bridgeId(this.identities.idOfPublicKey(this.bridge.publicKey));
  }

  /** For one process of the bridge. */
  speakers(clock: Clock, random: Random): SpeakerTrust {
    const alarms: SpeakerAlarms = {
      speakerRefused: (code) => this.alarms.push(code),
      idClaimedTwice: () => this.alarms.push('claimed twice'),
      identityDoubled: () => this.alarms.push('doubled'),
    };
    this.passes = new SpeakerPasses({ clock, random });
    const paired = createMemoryPairedSpeakers(this.paired);
    const { identities: check, bridge: identity, passes, isOpen } = this;
    return { identity, check, paired, passes, alarms, isOpen };
  }

  /** As if a person had just done it: the bridge knows the speaker, and the speaker whose it is. */
  pair(disk: TrustDisk, name: string, addresses: readonly string[]): SpeakerId {
    disk.identity.identity ??= this.identities.create();
    const { publicKey } = disk.identity.identity;
    const id = speakerId(this.identities.idOfPublicKey(publicKey));
    this.paired.set(id, { id, publicKey, name, ownerId: HOUSE_ACCOUNT, pairedAtMs: 0 });
    disk.pairing.ownership = this.#ownership(addresses);
    return id;
  }

  #ownership(addresses: readonly string[]): Ownership {
    return {
      householdId: HOUSEHOLD_ID,
      bridgeId: this.bridgeId,
      bridgePublicKey: this.bridge.publicKey,
      tlsPin: this.pin,
      addresses,
      pairedAtMs: 0,
    };
  }
}
