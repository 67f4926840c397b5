import { beforeEach, describe, expect, it } from 'vitest';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import { createVirtualAccounts, VirtualAccessTokens } from '#sim/accounts/virtual-accounts';
import { type AccountsDisk, createAccountsDisk } from '#sim/world/memory-accounts-store';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import type { Person } from '../../ports/accounts-store.ts';
import { HOUSE_ACCOUNT, SCOPES } from '../../ports/callers.ts';
import type { Accounts } from './accounts.ts';
import { GRANTS_PER_PERSON_MAX } from './grants.ts';
import { WELCOME_LIFE_MS } from './links.ts';
import { PEOPLE_MAX } from './people.ts';

const HOUR = ms(3_600_000);
let clock: VirtualClock;
let disk: AccountsDisk;
let tokens: VirtualAccessTokens;
let accounts: Accounts;

/** The same house after its bridge was started anew. */
async function restart(): Promise<void> {
  accounts = createVirtualAccounts({ clock, random: new SeededRandom(clock.nowUs() + 1) }, { disk, tokens });
  await accounts.book.start();
}

beforeEach(async () => {
  clock = new VirtualClock();
  disk = createAccountsDisk();
  tokens = new VirtualAccessTokens();
  await restart();
});

function good<Value>(result: Result<Value, TonearmError>): Value {
  if (!result.ok) throw result.error;
  return result.value;
}

function codeOf(result: Result<unknown, TonearmError>): string {
  return result.ok ? 'ok' : result.error.code;
}

async function owner(): Promise<Person> {
  return good(await accounts.people.createOwner('Olga', 'a long evening'));
}

describe('the first owner', () => {
  it('comes in by the welcome link, once, and has the account of an open house', async () => {
    const { token } = accounts.links.welcome();
    expect(accounts.links.look(token)).toEqual({ ok: true, value: null });
    const person = good(await accounts.links.use(token, { name: 'Olga', password: 'a long evening' }));
    expect([person.id, person.role]).toEqual([HOUSE_ACCOUNT, 'owner']);
    expect(codeOf(await accounts.links.use(token, { name: 'Eve', password: null }))).toBe('access.sign-in-refused');
    expect(codeOf(await accounts.people.createOwner('Eve', null))).toBe('access.sign-in-refused');
  });

  it('is one person, however many open the link at once', async () => {
    const { token } = accounts.links.welcome();
    const came = await Promise.all(['Olga', 'Eve'].map((name) => accounts.links.use(token, { name, password: null })));
    expect(came.filter((it) => it.ok)).toHaveLength(1);
    expect(accounts.book.people()).toHaveLength(1);
  });

  it('does not come in by an old link: not after a day, not after a restart, not after another was made', async () => {
    const first = accounts.links.welcome().token;
    const second = accounts.links.welcome().token;
    expect(codeOf(accounts.links.look(first))).toBe('access.sign-in-refused');
    await clock.advance(ms(WELCOME_LIFE_MS - 1));
    expect(codeOf(accounts.links.look(second))).toBe('ok');
    await clock.advance(ms(1));
    expect(codeOf(accounts.links.look(second))).toBe('access.sign-in-refused');
    const third = accounts.links.welcome().token;
    await restart();
    expect(codeOf(accounts.links.look(third))).toBe('access.sign-in-refused');
  });

  it('comes in again by such a link, as who they are', async () => {
    await owner();
    const { token } = accounts.links.welcome();
    const person = good(await accounts.links.use(token, { name: 'Eve', password: null }));
    expect([person.name, accounts.book.people().length]).toEqual(['Olga', 1]);
  });
});

describe('people', () => {
  it('are kept over a restart, and have names of their own', async () => {
    await owner();
    await clock.advance(ms(1));
    await accounts.people.add('Ben', 'member');
    expect(codeOf(await accounts.people.add(' bEN ', 'member'))).toBe('input.invalid');
    await restart();
    expect(accounts.book.people().map(({ name, role }) => [name, role])).toEqual([
      ['Olga', 'owner'],
      ['Ben', 'member'],
    ]);
  });

  it('keep an owner: the last one neither goes nor becomes less', async () => {
    const olga = await owner();
    const ben = good(await accounts.people.add('Ben', 'member'));
    expect(codeOf(await accounts.people.remove(olga.id))).toBe('access.last-owner');
    expect(codeOf(await accounts.people.change(olga.id, { role: 'member' }))).toBe('access.last-owner');
    good(await accounts.people.change(ben.id, { role: 'owner' }));
    expect(codeOf(await accounts.people.change(olga.id, { role: 'member' }))).toBe('ok');
    expect(codeOf(await accounts.people.remove(ben.id))).toBe('access.last-owner');
  });

  it('are as many as there may be, and no more', async () => {
    await owner();
    for (let n = 1; n < PEOPLE_MAX; n += 1) good(await accounts.people.add(`person ${n}`, 'member'));
    expect(codeOf(await accounts.people.add('one more', 'member'))).toBe('input.too-large');
  });

  it('that cannot be written are not there', async () => {
    disk.failure = new Error('the disk is gone');
    await expect(owner()).rejects.toThrow('the disk is gone');
    expect(accounts.book.people()).toEqual([]);
  });
});

describe('a guest', () => {
  it('says how long, plays until then, and is gone from the store with the next change', async () => {
    await owner();
    expect(codeOf(await accounts.people.add('Gustav', 'guest'))).toBe('input.invalid');
    const guest = good(await accounts.people.add('Gustav', 'guest', 2));
    const { secret } = await accounts.grants.begin(guest, { kind: 'page', label: 'phone', scopes: SCOPES });
    const me = () => accounts.callers.identify({ bearer: null, cookie: secret });
    const caller = good(await me());
    expect([...caller.scopes]).toContain('user-modify-playback-state');
    expect([...caller.scopes].filter((scope) => scope.startsWith('tonearm-'))).toEqual([]);
    expect(caller.expiresAtMs).toBe(guest.expiresAtMs);
    await clock.advance(ms(2 * HOUR - 1));
    expect(codeOf(await me())).toBe('ok');
    await clock.advance(ms(1));
    expect(codeOf(await me())).toBe('access.sign-in-needed');
    expect(disk.people.has(guest.id)).toBe(true);
    good(await accounts.people.add('Ben', 'member'));
    expect([disk.people.has(guest.id), disk.grants.size]).toEqual([false, 0]);
  });

  it('stays when it becomes a member, and a link of its own ends with it', async () => {
    await owner();
    const guest = good(await accounts.people.add('Gustav', 'guest', 1));
    const { token } = good(await accounts.links.create(guest.id, { hours: 24, uses: 1 }));
    await clock.advance(HOUR);
    expect(codeOf(accounts.links.look(token))).toBe('access.sign-in-refused');
    const other = good(await accounts.people.add('Greta', 'guest', 1));
    good(await accounts.people.change(other.id, { role: 'member' }));
    await clock.advance(HOUR);
    expect(accounts.book.person(other.id)?.role).toBe('member');
  });
});

describe('links and devices', () => {
  it('let in as often as they say, and no more once the person is gone', async () => {
    await owner();
    const ben = good(await accounts.people.add('Ben', 'member'));
    const { token } = good(await accounts.links.create(ben.id, { hours: 1, uses: 2 }));
    const use = () => accounts.links.use(token, { name: '', password: null });
    expect([codeOf(await use()), codeOf(await use()), codeOf(await use())]).toEqual([
      'ok',
      'ok',
      'access.sign-in-refused',
    ]);
    const second = good(await accounts.links.create(ben.id, { hours: 1, uses: 2 })).token;
    good(await accounts.people.remove(ben.id));
    expect(codeOf(accounts.links.look(second))).toBe('access.sign-in-refused');
    expect(codeOf(await accounts.links.create(ben.id, { hours: 1, uses: 1 }))).toBe('access.account-not-found');
  });

  it('of one person are bounded: with one more the oldest is signed out', async () => {
    const olga = await owner();
    const begin = () => accounts.grants.begin(olga, { kind: 'page', label: 'phone', scopes: SCOPES });
    const first = await begin();
    for (let n = 1; n < GRANTS_PER_PERSON_MAX; n += 1) {
      await clock.advance(ms(1));
      await begin();
    }
    expect(accounts.grants.ofCookie(first.secret)?.id).toBe(first.grant.id);
    await clock.advance(ms(1));
    await begin();
    expect(accounts.grants.ofCookie(first.secret)).toBeUndefined();
    expect(accounts.book.grantsOf(olga.id)).toHaveLength(GRANTS_PER_PERSON_MAX);
  });

  it('store no secret', async () => {
    const olga = await owner();
    const { secret } = await accounts.grants.begin(olga, { kind: 'client', label: 'x', scopes: SCOPES });
    const { token } = good(await accounts.links.create(olga.id, { hours: 1, uses: 1 }));
    const stored = JSON.stringify([...disk.grants.values(), ...disk.links.values()]);
    expect([stored.includes(secret), stored.includes(token)]).toEqual([false, false]);
  });
});
