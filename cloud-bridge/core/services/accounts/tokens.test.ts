/** Tokens, and who attacks them: with a stolen code, an old refresh token, another program's challenge, many guesses. */
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { accountId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import { createVirtualAccounts, VirtualAccessTokens } from '#sim/accounts/virtual-accounts';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import type { Person } from '../../ports/accounts-store.ts';
import type { Accounts } from './accounts.ts';
import { type AuthorizeQuery, type AuthorizeRequest, readAuthorizeRequest } from './authorize-request.ts';
import { CODE_LIFE_MS } from './code-grants.ts';
import {
  DEVICE_CODE_LIFE_MS,
  DEVICES_BY_ADDRESS_MAX,
  DEVICES_WAITING_MAX,
  POLL_EVERY_S,
  USER_CODE_ERRORS_MAX,
} from './device-grants.ts';
import type { FreshGrant } from './grants.ts';
import { ERRORS_BY_ADDRESS_MAX, ERRORS_BY_NAME_MAX } from './sign-in.ts';

const VERIFIER = 'v'.repeat(43);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const REDIRECT = 'http://127.0.0.1:9999/back';
const QUERY: AuthorizeQuery = {
  response_type: 'code',
  client_id: 'a player',
  redirect_uri: REDIRECT,
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
  scope: 'user-read-playback-state',
  state: 'xyz',
};

let clock: VirtualClock;
let accounts: Accounts;
let tokens: VirtualAccessTokens;
let olga: Person;
beforeEach(async () => {
  clock = new VirtualClock();
  tokens = new VirtualAccessTokens();
  accounts = createVirtualAccounts({ clock, random: new SeededRandom(7) }, { tokens });
  await accounts.book.start();
  const made = await accounts.people.createOwner('Olga', 'a long evening');
  if (!made.ok) throw made.error;
  olga = made.value;
});

function request(): AuthorizeRequest {
  const read = readAuthorizeRequest(QUERY);
  if (read.kind !== 'good') throw new Error('the query is a good one');
  return read.request;
}

async function accessToken(fresh: FreshGrant | null): Promise<string> {
  const answer = fresh === null ? null : await accounts.issue.answer(fresh);
  if (answer === null) throw new Error('there is a grant and a person');
  return answer.access_token;
}

async function isIn(bearer: string): Promise<boolean> {
  return (await accounts.callers.identify({ bearer, cookie: null })).ok;
}

describe('a program that asks for a code', () => {
  it.each([
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a challenge without its method', { code_challenge_method: undefined }, 'invalid_request'],
    ['a challenge that is no SHA-256', { code_challenge: 'short' }, 'invalid_request'],
    ['a token at once', { response_type: 'token' }, 'unsupported_response_type'],
    ['a scope that is none', { scope: 'everything' }, 'invalid_scope'],
    ['a parameter twice', { scope: ['a', 'b'] }, 'invalid_request'],
  ])('is told that it may not, for %s', (_, change, error) => {
    const wanted = Object.entries({ ...QUERY, ...change }).filter(([, value]) => value !== undefined);
    const read = readAuthorizeRequest(Object.fromEntries(wanted));
    expect(read).toEqual({ kind: 'refused', redirectTo: `${REDIRECT}?error=${error}&state=xyz` });
  });

  it.each([
    ['http://evil.example/back'],
    ['javascript:alert(1)'],
    ['data:text/html,x'],
    ['https://good.example@evil.example/'],
    ['https://good.example/#there'],
    ['http://127.0.0.1.evil.example/'],
    ['//evil.example'],
    ['myapp:/back'],
    [''],
  ])('is not sent to %s, not even with a refusal', (redirect_uri) => {
    expect(readAuthorizeRequest({ ...QUERY, redirect_uri })).toMatchObject({ kind: 'bad', field: 'redirect_uri' });
  });

  it.each([['https://app.example/cb'], ['http://localhost:1/'], ['http://[::1]:80/a?b=c'], ['com.example.app:/back']])(
    'may be at %s',
    (redirect_uri) => {
      expect(readAuthorizeRequest({ ...QUERY, redirect_uri }).kind).toBe('good');
    },
  );
});

describe('a code', () => {
  const asked = { clientId: 'a player', redirectUri: REDIRECT, verifier: VERIFIER };

  it('gives tokens for what was asked', async () => {
    const fresh = await accounts.codes.exchange({ ...asked, code: accounts.codes.issue(olga, request()) });
    const caller = await accounts.callers.identify({ bearer: await accessToken(fresh), cookie: null });
    expect(caller.ok && [...caller.value.scopes]).toEqual(['user-read-playback-state']);
  });

  it.each([
    ['another verifier', { verifier: 'w'.repeat(43) }],
    ['the challenge for a verifier', { verifier: CHALLENGE }],
    ['another address', { redirectUri: `${REDIRECT}/` }],
    ['another program', { clientId: 'a thief' }],
  ])('is worth nothing with %s, and is used up by it', async (_, change) => {
    const code = accounts.codes.issue(olga, request());
    expect(await accounts.codes.exchange({ ...asked, ...change, code })).toBeNull();
    expect(await accounts.codes.exchange({ ...asked, code })).toBeNull();
  });

  it('that comes again ends what it gave', async () => {
    const code = accounts.codes.issue(olga, request());
    const token = await accessToken(await accounts.codes.exchange({ ...asked, code }));
    expect(await isIn(token)).toBe(true);
    expect(await accounts.codes.exchange({ ...asked, code })).toBeNull();
    expect(await isIn(token)).toBe(false);
  });

  it('lives a minute', async () => {
    const code = accounts.codes.issue(olga, request());
    await clock.advance(ms(CODE_LIFE_MS));
    expect(await accounts.codes.exchange({ ...asked, code })).toBeNull();
  });
});

describe('a refresh token', () => {
  const begin = () => accounts.grants.begin(olga, { kind: 'client', label: 'x', scopes: ['user-read-private'] });

  it('works once, and the next one goes on', async () => {
    const first = await begin();
    const second = await accounts.grants.rotate(first.secret);
    expect(second.ok && (await accounts.grants.rotate(second.value.secret)).ok).toBe(true);
  });

  it('that comes again ends all that grew from it, whoever brings it', async () => {
    const first = await begin();
    const second = await accounts.grants.rotate(first.secret);
    const third = second.ok ? await accounts.grants.rotate(second.value.secret) : second;
    if (!third.ok) throw third.error;
    const token = await accessToken(third.value);
    expect((await accounts.grants.rotate(first.secret)).ok).toBe(false);
    expect(await isIn(token)).toBe(false);
    expect((await accounts.grants.rotate(third.value.secret)).ok).toBe(false);
  });

  it('is none of a page’s, and a page’s cookie is none', async () => {
    const page = await accounts.grants.begin(olga, { kind: 'page', label: 'x', scopes: [] });
    expect((await accounts.grants.rotate(page.secret)).ok).toBe(false);
    const client = await begin();
    expect((await accounts.callers.identify({ bearer: null, cookie: client.secret })).ok).toBe(false);
    expect((await accounts.callers.identify({ bearer: null, cookie: page.secret })).ok).toBe(true);
  });
});

describe('an access token', () => {
  const token = async () =>
    accessToken(await accounts.grants.begin(olga, { kind: 'client', label: 'x', scopes: ['tonearm-library'] }));

  it('has its signature checked once, for as many requests as come', async () => {
    const bearer = await token();
    for (let n = 0; n < 50; n += 1) expect(await isIn(bearer)).toBe(true);
    expect(tokens.verifications).toBe(1);
  });

  it('ends after a quarter of an hour, also one that is remembered', async () => {
    const bearer = await token();
    expect(await isIn(bearer)).toBe(true);
    await clock.advance(ms(15 * 60_000 - 1));
    expect(await isIn(bearer)).toBe(true);
    await clock.advance(ms(1));
    expect(await isIn(bearer)).toBe(false);
  });

  it('is judged alone: a good cookie does not help a bad token', async () => {
    const { secret } = await accounts.grants.begin(olga, { kind: 'page', label: 'x', scopes: [] });
    expect((await accounts.callers.identify({ bearer: 'forged', cookie: secret })).ok).toBe(false);
  });

  it('of another bridge, of nobody here or for too long opens nothing', async () => {
    const { grant } = await accounts.grants.begin(olga, { kind: 'client', label: 'x', scopes: [] });
    const nowS = clock.wallMs() / 1_000;
    const claims = {
      ...{ iss: 'virtual-bridge', aud: 'tonearm-doors' as const, sub: olga.id, scope: '', grant: grant.id },
      ...{ jti: 'j'.repeat(22), iat: nowS, nbf: nowS, exp: nowS + 900 },
    };
    expect(await isIn(await tokens.sign(claims))).toBe(true);
    for (const change of [
      { iss: 'other-bridge' },
      { sub: 'somebody' },
      { grant: 'no-such-grant' },
      { exp: nowS + 901 },
    ]) {
      expect(
        await isIn(
          await tokens.sign({ ...claims, ...change, jti: JSON.stringify(change).length.toString().padStart(8, '0') }),
        ),
      ).toBe(false);
    }
  });

  it('gives what its person may do now, and no more', async () => {
    const ben = await accounts.people.add('Ben', 'owner');
    if (!ben.ok) throw ben.error;
    const grant = await accounts.grants.begin(ben.value, { kind: 'client', label: 'x', scopes: ['tonearm-accounts'] });
    const bearer = await accessToken(grant);
    const scopes = async () => {
      const caller = await accounts.callers.identify({ bearer, cookie: null });
      return caller.ok ? [...caller.value.scopes] : null;
    };
    expect(await scopes()).toEqual(['tonearm-accounts']);
    await accounts.people.change(ben.value.id, { role: 'member' });
    expect(await scopes()).toEqual([]);
    await accounts.people.remove(ben.value.id);
    expect(await scopes()).toBeNull();
  });
});

describe('a device without a browser', () => {
  const asked = { clientId: 'tonearm', label: 'tonearm · attic', scopes: ['user-read-private'] as const, address: 'a' };
  function begin() {
    const begun = accounts.devices.begin(asked);
    if (begun === null) throw new Error('few wait');
    return begun;
  }
  const poll = async (deviceCode: string) => {
    await clock.advance(ms(POLL_EVERY_S * 1_000));
    return accounts.devices.exchange('tonearm', deviceCode);
  };

  it('waits until somebody says yes, and has its tokens once', async () => {
    const { deviceCode, userCode } = begin();
    expect(userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/);
    expect(await poll(deviceCode)).toBe('authorization_pending');
    expect(accounts.devices.look(olga.id, `${userCode.slice(0, 4)}-${userCode.slice(4).toLowerCase()}`)).toMatchObject({
      ok: true,
      value: { label: 'tonearm · attic', address: 'a' },
    });
    expect(accounts.devices.decide(olga, userCode, true).ok).toBe(true);
    expect(await poll(deviceCode)).toMatchObject({ grant: { label: 'tonearm · attic' } });
    expect(await poll(deviceCode)).toBe('invalid_grant');
  });

  it('gets nothing after a no, after ten minutes, and for another program', async () => {
    const refused = begin();
    accounts.devices.decide(olga, refused.userCode, false);
    expect(await accounts.devices.exchange('other', refused.deviceCode)).toBe('invalid_grant');
    expect(await poll(refused.deviceCode)).toBe('access_denied');
    const late = begin();
    await clock.advance(ms(DEVICE_CODE_LIFE_MS));
    expect(accounts.devices.decide(olga, late.userCode, true).ok).toBe(false);
    expect(await accounts.devices.exchange('tonearm', late.deviceCode)).toMatch(/expired_token|invalid_grant/);
  });

  it('is slowed down when it asks too often', async () => {
    const { deviceCode } = begin();
    await poll(deviceCode);
    expect(await accounts.devices.exchange('tonearm', deviceCode)).toBe('slow_down');
    expect(await poll(deviceCode)).toBe('slow_down');
  });

  it('is not found by guessing: five wrong codes, and the right one is no use either', async () => {
    const { userCode } = begin();
    for (let n = 0; n < USER_CODE_ERRORS_MAX; n += 1) {
      expect(accounts.devices.look(olga.id, 'BBBBBBBB')).toMatchObject({ error: { code: 'access.sign-in-refused' } });
    }
    expect(accounts.devices.look(olga.id, userCode)).toMatchObject({ error: { code: 'access.rate-limited' } });
    expect(accounts.devices.look(accountId('somebody-else'), userCode).ok).toBe(true);
    await clock.advance(ms(DEVICE_CODE_LIFE_MS));
    expect(accounts.devices.look(olga.id, begin().userCode).ok).toBe(true);
  });

  it('waits among so many, and no more', () => {
    const begun = Array.from({ length: DEVICES_WAITING_MAX + 1 }, (_, n) =>
      accounts.devices.begin({ ...asked, address: `address ${n}` }),
    );
    expect(begun.filter((it) => it === null)).toHaveLength(1);
  });

  it('does not fill the room from one address', () => {
    const begun = Array.from({ length: DEVICES_BY_ADDRESS_MAX + 1 }, () => accounts.devices.begin(asked));
    expect(begun.filter((it) => it === null)).toHaveLength(1);
    expect(accounts.devices.begin({ ...asked, address: 'b' })).not.toBeNull();
  });
});

describe('guessing a password', () => {
  const guess = (name: string, address: string, password = 'wrong') =>
    accounts.signIn.withPassword(name, password, address);

  it('gets the same answer for a wrong name and a wrong password', async () => {
    const [name, password] = [await guess('Nobody', 'a'), await guess('Olga', 'a')];
    expect(name).toEqual(password);
    expect(name).toMatchObject({ error: { code: 'access.sign-in-refused' } });
  });

  it('ends at one address, and not for others', async () => {
    for (let n = 0; n < ERRORS_BY_ADDRESS_MAX; n += 1) await guess(`name ${n}`, 'thief');
    expect(await guess('Olga', 'thief', 'a long evening')).toMatchObject({ error: { code: 'access.rate-limited' } });
    expect((await guess('Olga', 'kitchen', 'a long evening')).ok).toBe(true);
    await clock.advance(ms(15 * 60_000));
    expect((await guess('Olga', 'thief', 'a long evening')).ok).toBe(true);
  });

  it('ends for one name, from however many addresses and however spelled', async () => {
    for (let n = 0; n < ERRORS_BY_NAME_MAX; n += 1) await guess(n % 2 === 0 ? 'OLGA' : ' olga', `address ${n}`);
    expect(await guess('Olga', 'new', 'a long evening')).toMatchObject({ error: { code: 'access.rate-limited' } });
  });

  it('is not let through by many at once', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => guess('Olga', 'thief', `guess ${n}`)));
    const tried = answers.filter((it) => !it.ok && it.error.code === 'access.sign-in-refused');
    expect(tried.length).toBeLessThanOrEqual(ERRORS_BY_ADDRESS_MAX);
  });

  it('counts nobody who is right', async () => {
    for (let n = 0; n < 3 * ERRORS_BY_ADDRESS_MAX; n += 1) {
      expect((await guess('Olga', 'kitchen', 'a long evening')).ok).toBe(true);
    }
  });
});
