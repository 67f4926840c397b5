/** What every identity, its check and its store must keep to: the contract of `protocol/ports/identity.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Identity,
  type IdentityCheck,
  type IdentityStore,
  PUBLIC_KEY_BYTES,
  SIGNATURE_BYTES,
} from '#protocol/ports/identity';

export interface IdentityPlace {
  readonly check: IdentityCheck;
  /** A store as the next process would open it, over the same place. */
  open(): IdentityStore;
  /** What is kept is no longer what was kept. */
  damage(): Promise<void>;
  stop(): Promise<void>;
}

const message = Uint8Array.of(1, 2, 3, 250);

export function describeIdentity(name: string, create: () => Promise<IdentityPlace>): void {
  describe(`identity: ${name}`, () => {
    let place: IdentityPlace;
    beforeEach(async () => {
      place = await create();
    });
    afterEach(() => place.stop());

    const load = async (): Promise<Identity> => {
      const loaded = await place.open().loadOrCreate();
      if (!loaded.ok) throw loaded.error;
      return loaded.value;
    };

    it('is made once and is the same for every process after', async () => {
      const first = await load();
      const second = await load();
      expect(first.publicKey).toHaveLength(PUBLIC_KEY_BYTES);
      expect(second.publicKey).toEqual(first.publicKey);
      expect(second.sign(message)).toEqual(first.sign(message));
    });

    it('signs what everybody can check who knows its key, and nothing else passes', async () => {
      const self = await load();
      const signature = self.sign(message);
      const { check } = place;
      expect(signature).toHaveLength(SIGNATURE_BYTES);
      expect(check.isSignedBy(self.publicKey, message, signature)).toBe(true);
      expect(check.isSignedBy(self.publicKey, Uint8Array.of(1, 2, 3, 251), signature)).toBe(false);
      expect(check.isSignedBy(self.publicKey, new Uint8Array(), signature)).toBe(false);
      for (const at of [0, SIGNATURE_BYTES - 1]) {
        const other = Uint8Array.from(signature, (byte, place) => (place === at ? byte ^ 1 : byte));
        expect(check.isSignedBy(self.publicKey, message, other)).toBe(false);
      }
      await place.open().shred();
      const stranger = await load();
      expect(check.isSignedBy(stranger.publicKey, message, signature)).toBe(false);
      expect(check.isSignedBy(self.publicKey, message, stranger.sign(message))).toBe(false);
    });

    it('says no to keys and signatures that are none', async () => {
      const self = await load();
      const { check } = place;
      const signature = self.sign(message);
      for (const length of [0, PUBLIC_KEY_BYTES - 1, PUBLIC_KEY_BYTES, PUBLIC_KEY_BYTES + 1]) {
        expect(check.isSignedBy(new Uint8Array(length).fill(0xff), message, signature)).toBe(false);
      }
      for (const length of [0, SIGNATURE_BYTES - 1, SIGNATURE_BYTES + 1]) {
        expect(check.isSignedBy(self.publicKey, message, new Uint8Array(length))).toBe(false);
      }
    });

    it('gives an id that names the key and can be an argument', async () => {
      const self = await load();
      const id = place.check.idOfPublicKey(self.publicKey);
      expect(id).toMatch(/^[0-9A-Za-z_][0-9A-Za-z_-]{21}$/);
      expect(place.check.idOfPublicKey(Uint8Array.from(self.publicKey))).toBe(id);
      await place.open().shred();
      expect(place.check.idOfPublicKey((await load()).publicKey)).not.toBe(id);
    });

    it('is never made anew over a damaged one, until it is shredded', async () => {
      const self = await load();
      await place.damage();
      for (const _ of [1, 2]) {
        expect(await place.open().loadOrCreate()).toMatchObject({ ok: false, error: { code: 'storage.failed' } });
      }
      await place.open().shred();
      expect((await load()).publicKey).not.toEqual(self.publicKey);
    });

    it('is shredded twice without harm, also where there is none', async () => {
      await place.open().shred();
      await load();
      await place.open().shred();
      await place.open().shred();
    });
  });
}
