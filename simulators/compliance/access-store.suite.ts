/** What every access store must keep to: the contract of `cloud-bridge/core/ports/access-store.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessStore, Account, SpeakerAccess } from '#bridge/core/ports/access-store';
import { speakerId } from '#protocol/vocabulary/ids';
import type { Revocations } from '#protocol/wire/content-token';

export interface AccessPlace {
  /** A store as the next process would open it, over the same place. The earlier one is closed or was killed. */
  open(): Promise<AccessStore>;
  stop(): Promise<void>;
}

const account: Account = { id: 'guests', name: 'Gäste', tier: 'free', country: 'AT', revokedSinceS: null };
const speaker: SpeakerAccess = { speakerId: speakerId('bath-speaker'), accountId: 'guests', revokedSinceS: 5 };
const revocations: Revocations = {
  revision: 3,
  entries: [
    { kind: 'token', jti: 'token-one', until: 10 },
    { kind: 'account', sub: 'guests', before: 7 },
  ],
};

export function describeAccessStore(name: string, create: () => Promise<AccessPlace>): void {
  describe(`access store: ${name}`, () => {
    let place: AccessPlace;
    beforeEach(async () => {
      place = await create();
    });
    afterEach(() => place.stop());

    it('begins with nobody and nothing revoked', async () => {
      const empty = { accounts: [], speakers: [], revocations: { revision: 0, entries: [] } };
      expect(await (await place.open()).load()).toEqual(empty);
    });

    it('gives back what was saved to the next process', async () => {
      await (await place.open()).save({ account, speaker, revocations });
      expect(await (await place.open()).load()).toEqual({ accounts: [account], speakers: [speaker], revocations });
    });

    it('replaces what has the same name, and leaves alone what a change does not name', async () => {
      const store = await place.open();
      await store.save({ account, speaker, revocations });
      const later: Account = { ...account, tier: 'premium', country: null, revokedSinceS: 9 };
      await store.save({ account: later });
      await store.save({ account: { ...account, id: 'aunts' } });
      await store.save({ speaker: { ...speaker, revokedSinceS: null } });
      expect(await (await place.open()).load()).toEqual({
        accounts: [{ ...account, id: 'aunts' }, later],
        speakers: [{ ...speaker, revokedSinceS: null }],
        revocations,
      });
    });

    it('replaces the whole list of revocations', async () => {
      const store = await place.open();
      await store.save({ revocations });
      await store.save({ revocations: { revision: 4, entries: [] } });
      expect((await store.load()).revocations).toEqual({ revision: 4, entries: [] });
    });
  });
}
