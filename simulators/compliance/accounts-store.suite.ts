/** What every accounts store must keep to: the contract of `cloud-bridge/core/ports/accounts-store.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccountsStore, Grant, Link, Person } from '#bridge/core/ports/accounts-store';
import { accountId } from '#protocol/vocabulary/ids';

export interface AccountsPlace {
  /** A store as the next process would open it, over the same place. The earlier one is closed or was killed. */
  open(): Promise<AccountsStore>;
  stop(): Promise<void>;
}

const ANNA = accountId('anna-0000');
const BEN = accountId('ben-00000');
const anna: Person = {
  ...{ id: ANNA, name: 'Änne', role: 'owner', passwordHash: 'scrypt$1' },
  ...{ createdAtMs: 5, expiresAtMs: null },
};
const ben: Person = { ...anna, id: BEN, name: 'Ben', role: 'guest', passwordHash: null, expiresAtMs: 99 };
const link: Link = { hash: 'h'.repeat(43), accountId: BEN, expiresAtMs: 50, usesLeft: 2 };
const grant: Grant = {
  ...{ id: 'grant-00', accountId: ANNA, kind: 'client', label: 'tonearm', scopes: ['tonearm-library'] },
  ...{ hash: 'a'.repeat(43), usedHashes: ['b'.repeat(43), 'c'.repeat(43)], createdAtMs: 1, expiresAtMs: 9 },
};
const page: Grant = { ...grant, id: 'grant-01', accountId: BEN, kind: 'page', scopes: [], usedHashes: [] };

export function describeAccountsStore(name: string, create: () => Promise<AccountsPlace>): void {
  describe(`accounts store: ${name}`, () => {
    let place: AccountsPlace;
    beforeEach(async () => {
      place = await create();
    });
    afterEach(() => place.stop());

    it('begins with nobody', async () => {
      expect(await (await place.open()).load()).toEqual({ people: [], links: [], grants: [] });
    });

    it('gives back what was saved to the next process', async () => {
      await (await place.open()).save({ people: [ben, anna], links: [link], grants: [page, grant] });
      const stored = { people: [anna, ben], links: [link], grants: [grant, page] };
      expect(await (await place.open()).load()).toEqual(stored);
    });

    it('replaces what has the same name and leaves the rest alone', async () => {
      const store = await place.open();
      await store.save({ people: [anna, ben], links: [link], grants: [grant, page] });
      const later = { ...anna, name: 'Anna', passwordHash: null };
      await store.save({ people: [later], links: [{ ...link, usesLeft: 1 }], grants: [{ ...grant, usedHashes: [] }] });
      expect(await (await place.open()).load()).toEqual({
        people: [later, ben],
        links: [{ ...link, usesLeft: 1 }],
        grants: [{ ...grant, usedHashes: [] }, page],
      });
    });

    it('forgets what goes, and with a person all that is theirs', async () => {
      const store = await place.open();
      await store.save({ people: [anna, ben], links: [link], grants: [grant, page] });
      await store.save({ gonePeople: [BEN] });
      expect(await store.load()).toEqual({ people: [anna], links: [], grants: [grant] });
      await store.save({ goneGrants: [grant.id], goneLinks: ['x'.repeat(43)] });
      expect(await (await place.open()).load()).toEqual({ people: [anna], links: [], grants: [] });
    });
  });
}
