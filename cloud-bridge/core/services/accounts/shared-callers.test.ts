import { beforeEach, describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { createVirtualAccounts, VirtualAccessTokens } from '#sim/accounts/virtual-accounts';
import { createAccountsDisk } from '#sim/world/memory-accounts-store';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import type { Person } from '../../ports/accounts-store.ts';
import { SCOPES } from '../../ports/callers.ts';
import type { Accounts } from './accounts.ts';
import { BOOK_OLD_AFTER_MS, BOOK_READ_EVERY_MS, SharedCallers } from './shared-callers.ts';

let clock: VirtualClock;
let one: Accounts;
let two: Accounts;
let callers: SharedCallers;
let olga: Person;
beforeEach(async () => {
  clock = new VirtualClock();
  const shared = { disk: createAccountsDisk(), tokens: new VirtualAccessTokens(), isShared: true };
  one = createVirtualAccounts({ clock, random: new SeededRandom(1) }, shared);
  two = createVirtualAccounts({ clock, random: new SeededRandom(2) }, shared);
  await one.book.start();
  await two.book.start();
  callers = new SharedCallers(clock, two.book, two.callers);
  const made = await one.people.createOwner('Olga', 'a long evening');
  if (!made.ok) throw made.error;
  olga = made.value;
});

/** Olga signs in at the first bridge's page. */
async function signIn(): Promise<{ readonly secret: string; readonly grantId: string }> {
  const { secret, grant } = await one.grants.begin(olga, { kind: 'page', label: 'page', scopes: SCOPES });
  return { secret, grantId: grant.id };
}

const nobody = { bearer: null, cookie: null };

describe('bridges that keep one book of people', () => {
  it('know at once who has signed in at the other', async () => {
    const { secret } = await signIn();
    expect(await callers.identify({ bearer: null, cookie: secret })).toMatchObject({
      ok: true,
      value: { name: 'Olga' },
    });
  });

  it('turn away whose access has ended at the other, a second later at most, and say so to open sockets', async () => {
    const { secret, grantId } = await signIn();
    const cookie = { bearer: null, cookie: secret };
    expect((await callers.identify(cookie)).ok).toBe(true);
    let ends = 0;
    callers.onEnded(() => {
      ends += 1;
    });
    await one.grants.end(olga.id, grantId);
    await clock.advance(ms(BOOK_OLD_AFTER_MS));
    expect((await callers.identify(cookie)).ok).toBe(false);
    expect(ends).toBe(1);
  });

  it('see a refresh token that was used at the other and comes again', async () => {
    const begun = await one.grants.begin(olga, { kind: 'client', label: 'client', scopes: SCOPES });
    const next = await one.grants.rotate(begun.secret);
    if (!next.ok) throw next.error;
    expect((await two.grants.rotate(begun.secret)).ok).toBe(false);
    expect((await one.grants.rotate(next.value.secret)).ok).toBe(false);
  });

  it('do not read the store anew for each who is nobody', async () => {
    let reads = 0;
    const book = {
      reload: async () => {
        reads += 1;
      },
    };
    const counted = new SharedCallers(clock, book, two.callers);
    for (let n = 0; n < 50; n += 1) await counted.identify(nobody);
    expect(reads).toBe(1);
    await clock.advance(ms(BOOK_READ_EVERY_MS));
    await counted.identify(nobody);
    expect(reads).toBe(2);
  });

  it('write what they write to what the other has written', async () => {
    const guest = await two.people.add('Gustav', 'member');
    expect(guest.ok).toBe(true);
    await one.book.reload();
    expect(one.book.people().map(({ name }) => name)).toEqual(['Olga', 'Gustav']);
    expect(two.book.people().map(({ name }) => name)).toEqual(['Olga', 'Gustav']);
  });
});
