/** What every pairing cipher must keep to: the contract of `protocol/ports/pairing-cipher.ts` as tests. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  PAIRING_KEY_BYTES,
  PAIRING_SALT_BYTES,
  PAIRING_SHARE_BYTES,
  type PairingCipher,
  type PairingParties,
  type PairingRecord,
  type PairingStretch,
  type Proving,
} from '#protocol/ports/pairing-cipher';

const CODE = '123456789';
const PARTIES: PairingParties = { bridgeId: 'bridge-of-the-house', speakerId: 'speaker-in-kitchen' };
const HOW: PairingStretch = {
  salt: new Uint8Array(PAIRING_SALT_BYTES).fill(7),
  speakerId: PARTIES.speakerId,
};
const PLAIN = '{"name":"Küche"}';

export function describePairingCipher(name: string, create: () => PairingCipher): void {
  describe(`pairing cipher: ${name}`, () => {
    const cipher = create();
    let record: PairingRecord;
    beforeAll(async () => {
      record = await cipher.register(CODE, HOW);
    });

    function verify(given: PairingRecord, proving: Proving, parties = PARTIES) {
      const outcome = cipher.verify(given, parties, proving.share);
      if (!outcome.ok) throw outcome.error;
      return outcome.value;
    }

    it('gives both the same key when both know the code, and each time another', async () => {
      const keys: Uint8Array[] = [];
      for (const _ of [1, 2]) {
        const proving = await cipher.prove(CODE, HOW, PARTIES);
        const verifying = verify(record, proving);
        expect(proving.share).toHaveLength(PAIRING_SHARE_BYTES);
        const proven = proving.finish(verifying.share, verifying.confirmation);
        if (!proven.ok) throw proven.error;
        expect(proven.value.key).toHaveLength(PAIRING_KEY_BYTES);
        expect(verifying.finish(proven.value.confirmation)).toEqual(proven.value.key);
        keys.push(proven.value.key);
      }
      expect(keys[0]).not.toEqual(keys[1]);
    });

    it.each<[string, string, Partial<PairingStretch>, Partial<PairingParties>]>([
      ['code', '123456780', {}, {}],
      ['salt', CODE, { salt: new Uint8Array(PAIRING_SALT_BYTES) }, {}],
      ['bridge', CODE, {}, { bridgeId: 'bridge-of-a-stranger' }],
      ['speaker in what is confirmed', CODE, {}, { speakerId: 'speaker-of-a-stranger' }],
      ['speaker in what is stretched', CODE, { speakerId: 'speaker-of-a-stranger' }, {}],
    ])('convinces nobody with another %s', async (_what, code, how, parties) => {
      const proving = await cipher.prove(code, { ...HOW, ...how }, { ...PARTIES, ...parties });
      const verifying = verify(record, proving);
      expect(proving.finish(verifying.share, verifying.confirmation)).toMatchObject({
        ok: false,
        error: { code: 'pairing.refused' },
      });
      expect(verifying.finish(verifying.confirmation)).toBeNull();
    });

    it('convinces nobody by what was said in an earlier attempt, or by an echo', async () => {
      const first = await cipher.prove(CODE, HOW, PARTIES);
      const heard = verify(record, first);
      const proven = first.finish(heard.share, heard.confirmation);
      if (!proven.ok) throw proven.error;
      const again = verify(record, first);
      expect(again.finish(proven.value.confirmation)).toBeNull();
      expect(again.finish(again.confirmation)).toBeNull();
      const second = await cipher.prove(CODE, HOW, PARTIES);
      expect(second.finish(heard.share, heard.confirmation).ok).toBe(false);
    });

    it('takes no share that is none', () => {
      for (const share of [
        new Uint8Array(0),
        new Uint8Array(PAIRING_SHARE_BYTES),
        new Uint8Array(PAIRING_SHARE_BYTES + 1),
      ]) {
        expect(cipher.verify(record, PARTIES, share)).toMatchObject({ ok: false, error: { code: 'pairing.refused' } });
      }
    });

    it('has a decoy that nobody can convince, and that answers like a true one', async () => {
      const proving = await cipher.prove(CODE, HOW, PARTIES);
      const verifying = verify(cipher.decoy(), proving);
      expect(verifying.share).toHaveLength(PAIRING_SHARE_BYTES);
      expect(verifying.confirmation).toHaveLength(PAIRING_KEY_BYTES);
      expect(proving.finish(verifying.share, verifying.confirmation).ok).toBe(false);
    });

    it('seals for one key and one way', () => {
      const key = new Uint8Array(PAIRING_KEY_BYTES).fill(1);
      const sealed = cipher.seal(key, 'bridge', PLAIN);
      expect(cipher.open(key, 'bridge', sealed)).toBe(PLAIN);
      expect(cipher.open(key, 'speaker', sealed)).toBeNull();
      expect(cipher.open(new Uint8Array(PAIRING_KEY_BYTES).fill(2), 'bridge', sealed)).toBeNull();
      const altered = sealed.slice();
      altered[0] = (altered[0] ?? 0) ^ 1;
      expect(cipher.open(key, 'bridge', altered)).toBeNull();
      expect(cipher.open(key, 'bridge', sealed.subarray(0, 3))).toBeNull();
    });
  });
}
