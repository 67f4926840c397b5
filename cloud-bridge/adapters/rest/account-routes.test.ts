/** The doors of a house that asks who is there: nothing is had without access, and nothing for another's. */
import { createHash } from 'node:crypto';
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AccountRole, SCOPES } from '#bridge/core/ports/callers';
import { RestBench } from '#sim/relay/rest-bench';

const HOST = { host: 'localhost:4747' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const VERIFIER = 'v'.repeat(43);
const REDIRECT = 'http://127.0.0.1:9999/back';
const AUTHORIZE = new URLSearchParams({
  response_type: 'code',
  client_id: 'a player',
  redirect_uri: REDIRECT,
  code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
  code_challenge_method: 'S256',
  state: 'xyz',
}).toString();

let bench: RestBench;
beforeEach(async () => {
  bench = new RestBench({ isOpen: false });
  await bench.accounts.people.createOwner('Olga', 'a long evening');
});
afterEach(() => bench.close());

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';
type Headers = Readonly<Record<string, string>>;

function call(method: Method, url: string, body?: unknown, headers: Headers = {}): Promise<LightMyRequestResponse> {
  const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) };
  return bench.door.app.inject({ method, url, headers: { ...HOST, ...headers }, ...payload });
}

/** Somebody's cookie, as a header. */
async function come(name: string, role: AccountRole): Promise<Headers> {
  const known = bench.accounts.people.byName(name);
  const added =
    known === undefined ? await bench.accounts.people.add(name, role, role === 'guest' ? 1 : undefined) : null;
  if (added !== null && !added.ok) throw added.error;
  const person = known ?? (added?.ok === true ? added.value : undefined);
  if (person === undefined) throw new Error('somebody is there now');
  const { secret } = await bench.accounts.grants.begin(person, { kind: 'page', label: 'test', scopes: SCOPES });
  return { cookie: `tonearm_session=${secret}` };
}

/** Every route that the description does not say is for everybody. */
async function guarded(): Promise<
  readonly { readonly method: Method; readonly url: string; readonly scopes: readonly string[] }[]
> {
  const { paths } = (await call('GET', '/openapi.json')).json();
  return Object.entries(paths as Record<string, Record<string, { security: { bearer: string[] }[] }>>).flatMap(
    ([path, operations]) =>
      Object.entries(operations).flatMap(([method, { security }]) =>
        security.map(({ bearer }) => ({
          method: method.toUpperCase() as Method,
          url: path.replace(/\{\w+\}/g, 'x'.repeat(22)),
          scopes: bearer,
        })),
      ),
  );
}

describe('every route that is not for everybody', () => {
  it('is refused to whom nobody knows, and says how to ask', async () => {
    const routes = await guarded();
    expect(routes.length).toBeGreaterThan(50);
    for (const { method, url } of routes) {
      for (const headers of [{}, { authorization: 'Bearer forged' }, { cookie: 'tonearm_session=forged' }]) {
        const answer = await call(method, url, undefined, headers);
        expect([method, url, answer.statusCode]).toEqual([method, url, 401]);
        expect(answer.headers['www-authenticate']).toBe('Bearer realm="tonearm"');
      }
    }
  });

  it('is refused to who may not, by the scopes of the role', async () => {
    const [guest, member] = [await come('Gustav', 'guest'), await come('Ben', 'member')];
    const isFor = (scopes: readonly string[], names: readonly string[]) =>
      scopes.some((scope) => names.includes(scope));
    for (const { method, url, scopes } of await guarded()) {
      const forOwners = isFor(scopes, ['tonearm-accounts', 'tonearm-speakers']);
      const notForGuests = forOwners || isFor(scopes, ['tonearm-library', 'tonearm-metrics']);
      if (forOwners) expect([url, (await call(method, url, undefined, member)).statusCode]).toEqual([url, 403]);
      if (notForGuests) expect([url, (await call(method, url, undefined, guest)).statusCode]).toEqual([url, 403]);
    }
  });

  it('lets a guest play, and knows whose session is meant', async () => {
    const guest = await come('Gustav', 'guest');
    expect((await call('PUT', '/v1/me/player/pause', undefined, guest)).statusCode).toBe(204);
    expect((await call('GET', '/tonearm/v1/me', undefined, guest)).json()).toMatchObject({
      name: 'Gustav',
      role: 'guest',
    });
  });
});

describe('a page of another site', () => {
  it('changes nothing, whatever cookie the browser sends along', async () => {
    const owner = await come('Olga', 'owner');
    for (const origin of ['http://evil.example', 'null', 'http://localhost:8080']) {
      const answer = await call('POST', '/tonearm/v1/people', { name: 'Eve', role: 'owner' }, { ...owner, origin });
      expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'access.origin-refused']);
    }
    expect(bench.accounts.book.people()).toHaveLength(1);
    const own = { ...owner, origin: 'http://localhost:4747' };
    expect((await call('POST', '/tonearm/v1/people', { name: 'Ben' }, own)).statusCode).toBe(201);
  });
});

describe('signing in', () => {
  it('sets a cookie that scripts and other sites do not have, and takes it back', async () => {
    const answer = await call('POST', '/tonearm/v1/sign-in', { name: 'olga', password: 'a long evening' });
    const cookie = String(answer.headers['set-cookie']);
    expect([answer.statusCode, cookie]).toEqual([204, expect.stringMatching(/^tonearm_session=[\w-]{43}; /)]);
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    const mine = { cookie: cookie.split(';')[0] ?? '' };
    expect((await call('GET', '/tonearm/v1/me', undefined, mine)).statusCode).toBe(200);
    expect((await call('POST', '/tonearm/v1/sign-out', undefined, mine)).headers['set-cookie']).toContain('Max-Age=0');
    expect((await call('GET', '/tonearm/v1/me', undefined, mine)).statusCode).toBe(401);
  });

  it('is refused alike for a wrong name, password and link', async () => {
    const answers = await Promise.all([
      call('POST', '/tonearm/v1/sign-in', { name: 'Eve', password: 'a long evening' }),
      call('POST', '/tonearm/v1/sign-in', { name: 'Olga', password: 'wrong' }),
      call('POST', '/tonearm/v1/links/use', { token: 't'.repeat(43) }),
    ]);
    const [first] = answers;
    expect(first?.json().error).toMatchObject({ code: 'access.sign-in-refused', status: 403 });
    for (const answer of answers) expect(answer.body).toBe(first?.body);
  });

  it('with a new password signs out everywhere else, and needs the old one', async () => {
    const [phone, laptop] = [await come('Olga', 'owner'), await come('Olga', 'owner')];
    const change = (current: string) =>
      call('PUT', '/tonearm/v1/me/password', { current, password: 'a longer evening' }, phone);
    expect((await change('wrong')).statusCode).toBe(403);
    expect((await change('a long evening')).statusCode).toBe(204);
    expect((await call('GET', '/tonearm/v1/me', undefined, phone)).statusCode).toBe(200);
    expect((await call('GET', '/tonearm/v1/me', undefined, laptop)).statusCode).toBe(401);
  });

  it('by a program’s token is no way to a password or to letting others in', async () => {
    const olga = bench.accounts.people.firstOwner();
    if (olga === undefined) throw new Error('there is an owner');
    const fresh = await bench.accounts.grants.begin(olga, { kind: 'client', label: 'x', scopes: SCOPES });
    const answer = await bench.accounts.issue.answer(fresh);
    const bearer = { authorization: `Bearer ${answer?.access_token}` };
    expect((await call('GET', '/tonearm/v1/people', undefined, bearer)).statusCode).toBe(200);
    expect((await call('PUT', '/tonearm/v1/me/password', { password: 'a longer evening' }, bearer)).statusCode).toBe(
      403,
    );
    const decide = { query: AUTHORIZE, isAllowed: true };
    expect((await call('POST', '/tonearm/v1/authorize/decide', decide, bearer)).statusCode).toBe(403);
  });
});

describe('the authorisation server', () => {
  it('describes itself', async () => {
    expect((await call('GET', '/.well-known/oauth-authorization-server')).json()).toMatchObject({
      issuer: 'http://localhost:4747',
      token_endpoint: 'http://localhost:4747/api/token',
      code_challenge_methods_supported: ['S256'],
    });
  });

  it('sends a browser back with a refusal, and nowhere that is not safe', async () => {
    const plain = await call('GET', `/authorize?${AUTHORIZE.replace('S256', 'plain')}`);
    expect([plain.statusCode, plain.headers.location]).toEqual([302, `${REDIRECT}?error=invalid_request&state=xyz`]);
    const evil = await call(
      'GET',
      `/authorize?${AUTHORIZE.replace(/redirect_uri=[^&]+/, 'redirect_uri=http%3A%2F%2Fevil')}`,
    );
    expect([evil.statusCode, evil.headers.location]).toEqual([400, undefined]);
  });

  it('gives a code to who says yes at the page, and tokens for it as a form and as JSON', async () => {
    const owner = await come('Olga', 'owner');
    const decided = await call('POST', '/tonearm/v1/authorize/decide', { query: AUTHORIZE, isAllowed: true }, owner);
    const back = new URL(decided.json().redirectTo);
    expect([back.origin + back.pathname, back.searchParams.get('state')]).toEqual([REDIRECT, 'xyz']);
    const exchange = {
      grant_type: 'authorization_code',
      code: String(back.searchParams.get('code')),
      client_id: 'a player',
      redirect_uri: REDIRECT,
      code_verifier: VERIFIER,
    };
    const answer = await call('POST', '/api/token', new URLSearchParams(exchange).toString(), FORM);
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    const { access_token: token, refresh_token: refresh, expires_in: seconds } = answer.json();
    expect(seconds).toBeLessThanOrEqual(900);
    const bearer = { authorization: `Bearer ${token}` };
    expect((await call('GET', '/v1/me/player/devices', undefined, bearer)).statusCode).toBe(200);
    const renewed = await call('POST', '/api/token', { grant_type: 'refresh_token', refresh_token: refresh });
    expect(renewed.statusCode).toBe(200);
    const again = await call('POST', '/api/token', { grant_type: 'refresh_token', refresh_token: refresh });
    expect([again.statusCode, again.json()]).toEqual([400, { error: 'invalid_grant' }]);
    expect((await call('GET', '/v1/me/player/devices', undefined, bearer)).statusCode).toBe(401);
  });

  it('tells a program that the person said no', async () => {
    const owner = await come('Olga', 'owner');
    const decided = await call('POST', '/tonearm/v1/authorize/decide', { query: AUTHORIZE, isAllowed: false }, owner);
    expect(decided.json().redirectTo).toBe(`${REDIRECT}?error=access_denied&state=xyz`);
  });

  it.each([
    [{}, 'invalid_request'],
    [{ grant_type: 'password', username: 'Olga', password: 'a long evening' }, 'unsupported_grant_type'],
    [{ grant_type: 'authorization_code', code: 'x' }, 'invalid_request'],
    [{ grant_type: 'refresh_token', refresh_token: 'x' }, 'invalid_grant'],
  ])('refuses %j in OAuth’s words', async (body, error) => {
    const answer = await call('POST', '/api/token', body);
    expect([answer.statusCode, answer.json()]).toEqual([400, { error }]);
  });

  it('takes no parameter twice', async () => {
    const answer = await call('POST', '/api/token', 'grant_type=refresh_token&grant_type=password', FORM);
    expect(answer.statusCode).toBe(400);
  });

  it('ends a grant for who has its refresh token, and says nothing of others', async () => {
    const olga = bench.accounts.people.firstOwner();
    if (olga === undefined) throw new Error('there is an owner');
    const { secret } = await bench.accounts.grants.begin(olga, { kind: 'client', label: 'x', scopes: SCOPES });
    expect((await call('POST', '/api/revoke', { token: 'unknown' })).statusCode).toBe(200);
    expect((await call('POST', '/api/revoke', { token: secret })).statusCode).toBe(200);
    expect(bench.accounts.book.grantsOf(olga.id)).toEqual([]);
  });
});

describe('people', () => {
  it('are added, let in by a link in a fragment, changed and removed', async () => {
    const owner = await come('Olga', 'owner');
    const { id } = (await call('POST', '/tonearm/v1/people', { name: 'Ben' }, owner)).json();
    const made = await call('POST', `/tonearm/v1/people/${id}/links`, {}, owner);
    const link = new URL(made.json().link);
    expect([made.statusCode, link.pathname, link.search]).toEqual([201, '/welcome', '']);
    const used = await call('POST', '/tonearm/v1/links/use', { token: link.hash.slice(1), password: 'bens evening' });
    expect(used.statusCode).toBe(204);
    expect((await call('POST', '/tonearm/v1/sign-in', { name: 'Ben', password: 'bens evening' })).statusCode).toBe(204);
    const renamed = await call('PATCH', `/tonearm/v1/people/${id}`, { name: 'Benno' }, owner);
    expect(renamed.json()).toMatchObject({ id, name: 'Benno', role: 'member', hasPassword: true });
    expect((await call('DELETE', `/tonearm/v1/people/${id}`, undefined, owner)).statusCode).toBe(204);
    expect((await call('GET', '/tonearm/v1/people', undefined, owner)).json().items).toHaveLength(1);
    expect((await call('PATCH', `/tonearm/v1/people/${id}`, {}, owner)).statusCode).toBe(404);
  });

  it('whose account may play what is revoked there too when they go', async () => {
    const owner = await come('Olga', 'owner');
    const { id } = (await call('POST', '/tonearm/v1/people', { name: 'Ben' }, owner)).json();
    const account = { name: 'Ben', tier: 'free', country: null };
    expect((await call('PUT', `/tonearm/v1/access/accounts/${id}`, account, owner)).statusCode).toBe(204);
    await call('DELETE', `/tonearm/v1/people/${id}`, undefined, owner);
    expect(bench.access.accounts().find((it) => it.id === id)?.revokedSinceS).not.toBeNull();
  });
});
