/**
 * What the page of sign-in asks: by name and password, by a link, and whether a program may act for a person. Answers set
 * the page's cookie; pages of other sites are kept out by it (SameSite) and by the perimeter (Origin).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { credentialsOf } from '#bridge/core/perimeter/credentials';
import type { Grant, Person } from '#bridge/core/ports/accounts-store';
import { SCOPES } from '#bridge/core/ports/callers';
import type { Accounts } from '#bridge/core/services/accounts/accounts';
import { readAuthorizeRequest, redirectWith } from '#bridge/core/services/accounts/authorize-request';
import { signInRefused } from '#bridge/core/services/accounts/people';
import { scopesOf } from '#bridge/core/services/accounts/role-scopes';
import { TonearmError } from '#protocol/vocabulary/errors';
import {
  decideAuthorizeBody,
  decideDeviceBody,
  linkTokenBody,
  passwordBody,
  signInBody,
  useLinkBody,
  userCodeBody,
} from './account-inputs.ts';
import { bodyOf, unwrap } from './request-parts.ts';
import { clearSessionCookie, setSessionCookie } from './session-cookie.ts';

const BASE = '/tonearm/v1';
const PUBLIC = { config: { isPublic: true } } as const;
const OWNER_NAME_DEFAULT = 'Owner';
const LABEL_LENGTH_MAX = 64;

export interface SignInRoutesPorts {
  readonly accounts: Accounts;
}

export function addSignInRoutes(app: FastifyInstance, { accounts }: SignInRoutesPorts): void {
  app.post(`${BASE}/sign-in`, PUBLIC, async (request, reply) => {
    const { name, password } = bodyOf(signInBody, request);
    const person = unwrap(await accounts.signIn.withPassword(name, password, request.ip));
    return signedIn(accounts, person, request, reply);
  });
  app.post(`${BASE}/sign-out`, PUBLIC, async (request, reply) => {
    const { cookie } = credentialsOf(request.headers);
    if (cookie !== null) await accounts.grants.endBySecret(cookie);
    clearSessionCookie(request, reply);
    return reply.code(204).send();
  });
  app.post(`${BASE}/links/look`, PUBLIC, async (request) => {
    const person = unwrap(accounts.links.look(bodyOf(linkTokenBody, request).token));
    return { name: person?.name ?? null, hasPassword: person !== null && person.passwordHash !== null };
  });
  app.post(`${BASE}/links/use`, PUBLIC, async (request, reply) => {
    const { token, name = OWNER_NAME_DEFAULT, password } = bodyOf(useLinkBody, request);
    const person = unwrap(await accounts.links.use(token, { name, password: password ?? null }));
    if (password !== undefined) unwrap(await accounts.people.setPassword(person.id, password));
    return signedIn(accounts, person, request, reply);
  });
  addPagesOwn(app, accounts);
}

/** What only somebody does who sits at a page and is signed in there: a program's token is no answer to these. */
function addPagesOwn(app: FastifyInstance, accounts: Accounts): void {
  app.put(`${BASE}/me/password`, async (request, reply) => {
    const { current, password } = bodyOf(passwordBody, request);
    const { person, grant } = atPage(accounts, request);
    if (person.passwordHash !== null) {
      unwrap(await accounts.signIn.withPassword(person.name, current ?? '', request.ip));
    }
    unwrap(await accounts.people.setPassword(person.id, password));
    // Whoever knew the old one is out.
    await accounts.grants.endOthers(person.id, grant.id);
    return reply.code(204).send();
  });
  app.post(`${BASE}/devices/look`, async (request) => {
    const { person } = atPage(accounts, request);
    const device = unwrap(accounts.devices.look(person.id, bodyOf(userCodeBody, request).userCode));
    const allowed = scopesOf(person.role);
    const scopes = device.scopes.filter((scope) => allowed.includes(scope));
    return { label: device.label, address: device.address, scopes };
  });
  app.post(`${BASE}/devices/decide`, async (request, reply) => {
    const { person } = atPage(accounts, request);
    const { userCode, isAllowed } = bodyOf(decideDeviceBody, request);
    unwrap(accounts.devices.decide(person, userCode, isAllowed));
    return reply.code(204).send();
  });
  app.post(`${BASE}/authorize/decide`, async (request, reply) => {
    const { person } = atPage(accounts, request);
    const { query, isAllowed } = bodyOf(decideAuthorizeBody, request);
    const read = readAuthorizeRequest(parametersOf(query));
    if (read.kind === 'bad') throw new TonearmError('input.invalid', `${read.field}: ${read.reason}`);
    reply.header('cache-control', 'no-store');
    if (read.kind === 'refused') return { redirectTo: read.redirectTo };
    const { redirectUri, state } = read.request;
    const answer = isAllowed ? { code: accounts.codes.issue(person, read.request) } : { error: 'access_denied' };
    return { redirectTo: redirectWith(redirectUri, state === null ? answer : { ...answer, state }) };
  });
}

/** A parameter that comes twice is a list, as the server's own reading of a query has it. */
function parametersOf(query: string): Readonly<Record<string, unknown>> {
  const given = new URLSearchParams(query);
  return Object.fromEntries([...new Set(given.keys())].map((name) => [name, single(given.getAll(name))]));
}

function single(values: readonly string[]): unknown {
  return values.length === 1 ? values[0] : values;
}

function atPage(accounts: Accounts, request: FastifyRequest): { readonly person: Person; readonly grant: Grant } {
  const grant = accounts.callers.grantOf(credentialsOf(request.headers).cookie);
  const person = grant === undefined ? undefined : accounts.book.person(grant.accountId);
  if (grant === undefined || person === undefined) throw signInRefused();
  return { person, grant };
}

async function signedIn(
  accounts: Accounts,
  person: Person,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  // Who signs in where somebody else was signs that one out.
  const { cookie } = credentialsOf(request.headers);
  if (cookie !== null) await accounts.grants.endBySecret(cookie);
  const label = browserOf(request.headers['user-agent']);
  const { secret } = await accounts.grants.begin(person, { kind: 'page', label, scopes: SCOPES });
  setSessionCookie(request, reply, secret);
  return reply.code(204).send();
}

const BROWSERS = [
  ['Firefox', /firefox\//i],
  ['Edge', /edg[ae]?\//i],
  ['Chrome', /chrom(?:e|ium)\//i],
  ['Safari', /safari\//i],
] as const;
const SYSTEMS = [
  ['Android', /android/i],
  ['iPhone', /iphone|ipad/i],
  ['Mac', /macintosh/i],
  ['Windows', /windows/i],
  ['Linux', /linux/i],
] as const;

/** A name for people; nothing depends on its being right. */
function browserOf(header: string | undefined): string {
  const text = header ?? '';
  const named = (list: readonly (readonly [string, RegExp])[]) => list.find(([, pattern]) => pattern.test(text))?.[0];
  const words = [named(BROWSERS) ?? 'A page', named(SYSTEMS)].filter((word) => word !== undefined);
  return words.join(' on ').slice(0, LABEL_LENGTH_MAX);
}
