import { describe, expect, it } from 'vitest';
import type { SpeakerSettings } from '#device/core/ports/settings-store';
import { silentLogger } from '#protocol/kit/silent-logger';
import { speakerId } from '#protocol/vocabulary/ids';
import { percent } from '#protocol/vocabulary/units';
import { createPairingDisk, createVirtualOwnershipStore } from '#sim/pairing/virtual-pairing-memory';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualIdentities } from '#sim/world/virtual-identities';
import { SpeakerTrust } from './speaker-trust.ts';

const identities = new VirtualIdentities(new SeededRandom(9));
const SETTINGS: SpeakerSettings = {
  speakerId: speakerId('s-made-by-chance-once'),
  name: 'Kitchen',
  volume: percent(40),
  resumeToken: null,
  lastBridgeAddress: null,
};

function keeper() {
  let current = SETTINGS;
  let changes = 0;
  return {
    current: () => current,
    change: (part: Partial<SpeakerSettings>) => {
      changes += 1;
      current = { ...current, ...part };
    },
    flush: async () => {},
    changes: () => changes,
  };
}

describe('a speaker’s trust', () => {
  it('replaces an id that was made by chance by the one of its key, once, and keeps everything else', () => {
    const self = identities.create();
    const trust = new SpeakerTrust({ logger: silentLogger, identity: { self, check: identities } });
    const settings = keeper();
    trust.takeProvenId(settings);
    trust.takeProvenId(settings);
    expect(settings.current()).toEqual({ ...SETTINGS, speakerId: identities.idOfPublicKey(self.publicKey) });
    expect(settings.changes()).toBe(1);
  });

  it('leaves the id alone where there is no key, and proves nothing then', () => {
    const trust = new SpeakerTrust({ logger: silentLogger });
    const settings = keeper();
    trust.takeProvenId(settings);
    expect(settings.changes()).toBe(0);
    expect(trust.proofOf(SETTINGS.speakerId, null)).toEqual({});
  });

  it('says that it was forgotten only once that is written', async () => {
    const disk = createPairingDisk();
    let told = 0;
    const ownership = createVirtualOwnershipStore(disk);
    const trust = new SpeakerTrust({ logger: silentLogger, ownership, forgotten: () => (told += 1) });
    disk.isFailing = true;
    expect(await trust.disown()).toBe(false);
    expect(told).toBe(0);
    disk.isFailing = false;
    expect(await trust.disown()).toBe(true);
    expect(told).toBe(1);
  });
});
