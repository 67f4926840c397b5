/** What a speaker keeps of whose it is, and of pairing: `ownership-store.ts` and `pairing-memory.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ownership, OwnershipStore } from '#device/core/ports/ownership-store';
import type { PairingMemory } from '#device/core/ports/pairing-memory';
import { bridgeId } from '#protocol/vocabulary/ids';

export interface OwnershipPlace {
  /** As the next process would open them, over the same place. */
  open(): { readonly ownership: OwnershipStore; readonly memory: PairingMemory };
  /** As a failing disk or a curious hand might leave the record. */
  damage(): Promise<void>;
  /** What can be read on the label. */
  label(): Promise<string | null>;
  stop(): Promise<void>;
}

const HOUSE: Ownership = {
  householdId: 'household-1',
  bridgeId: bridgeId('bridge-of-the-house'),
  bridgePublicKey: new Uint8Array(32).fill(3),
  tlsPin: new Uint8Array(32).map((_, at) => at * 7),
  addresses: ['wss://192.168.1.5:4748', 'wss://[fe80::1]:4748'],
  pairedAtMs: 1_700_000_000_000,
};

export function describeOwnershipStore(name: string, create: () => Promise<OwnershipPlace>): void {
  describe(`ownership store: ${name}`, () => {
    let place: OwnershipPlace;
    beforeEach(async () => {
      place = await create();
    });
    afterEach(() => place.stop());

    it('is nobody’s at first, and clearing that is harmless', async () => {
      expect(await place.open().ownership.load()).toBeNull();
      await place.open().ownership.clear();
      expect(await place.open().ownership.load()).toBeNull();
    });

    it('gives back what was saved, to the next process too, and the last of several', async () => {
      const { ownership } = place.open();
      await ownership.save(HOUSE);
      expect(await place.open().ownership.load()).toEqual(HOUSE);
      await ownership.save({ ...HOUSE, householdId: 'household-2' });
      expect((await place.open().ownership.load())?.householdId).toBe('household-2');
    });

    it('is nobody’s again when it is cleared', async () => {
      await place.open().ownership.save(HOUSE);
      await place.open().ownership.clear();
      expect(await place.open().ownership.load()).toBeNull();
    });

    it('does not become nobody’s by damage, and can be cleared', async () => {
      await place.open().ownership.save(HOUSE);
      await place.damage();
      await expect(place.open().ownership.load()).rejects.toMatchObject({ code: 'storage.failed' });
      await expect(place.open().ownership.load()).rejects.toMatchObject({ code: 'storage.failed' });
      await place.open().ownership.clear();
      expect(await place.open().ownership.load()).toBeNull();
    });

    it('counts failures across processes, apart from whose it is', async () => {
      expect(await place.open().memory.failures()).toBe(0);
      await place.open().memory.saveFailures(7);
      await place.open().ownership.clear();
      expect(await place.open().memory.failures()).toBe(7);
    });

    it('shows a label, another, and none', async () => {
      const { memory } = place.open();
      await memory.writeLabel(null);
      expect(await place.label()).toBeNull();
      await memory.writeLabel('123 456 789\n');
      await memory.writeLabel('987 654 321\n');
      expect(await place.label()).toBe('987 654 321\n');
      await memory.writeLabel(null);
      expect(await place.label()).toBeNull();
    });
  });
}
