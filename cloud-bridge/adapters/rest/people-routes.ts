/** Who lives here: the people of the household, the links that let them in, and what each is signed in with. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { credentialsOf } from '#bridge/core/perimeter/credentials';
import type { Person } from '#bridge/core/ports/accounts-store';
import type { AccessControl } from '#bridge/core/services/access/access-control';
import type { Accounts } from '#bridge/core/services/accounts/accounts';
import { accountNotFound } from '#bridge/core/services/accounts/people';
import { accountId } from '#protocol/vocabulary/ids';
import { addPersonBody, changePersonBody, grantParams, linkBody, personParams } from './account-inputs.ts';
import { callerOf } from './callers.ts';
import { baseUrlOf, bodyOf, paramsOf, unwrap } from './request-parts.ts';

const BASE = '/tonearm/v1';
const ACCOUNTS = { config: { scopes: ['tonearm-accounts'] } } as const;
/** An access token is looked at in its grant alone, so that a cookie cannot speak for it. */
const BEARER = /^bearer /i;

export interface PeopleRoutesPorts {
  readonly accounts: Accounts;
  readonly access: Pick<AccessControl, 'accounts' | 'revoke'>;
}

export function addPeopleRoutes(app: FastifyInstance, { accounts, access }: PeopleRoutesPorts): void {
  const { people, links, book, grants } = accounts;
  app.get(`${BASE}/me`, async (request) => {
    const { accountId: id, name, role, scopes, expiresAtMs } = callerOf(request);
    return { accountId: id, name, role, scopes: [...scopes], expiresAtMs };
  });
  app.get(`${BASE}/me/grants`, async (request) => {
    const own = ownGrantId(accounts, request);
    const shown = book.grantsOf(callerOf(request).accountId);
    return {
      items: shown.map(({ id, kind, label, createdAtMs }) => ({ id, kind, label, createdAtMs, isThis: id === own })),
    };
  });
  app.delete(`${BASE}/me/grants/:id`, async (request, reply) => {
    await grants.end(callerOf(request).accountId, paramsOf(grantParams, request).id);
    return reply.code(204).send();
  });
  app.get(`${BASE}/people`, ACCOUNTS, async () => ({ items: book.people().map(viewPerson) }));
  app.post(`${BASE}/people`, ACCOUNTS, async (request, reply) => {
    const { name, role, guestHours } = bodyOf(addPersonBody, request);
    const person = unwrap(await people.add(name, role, guestHours));
    return reply.code(201).send(viewPerson(person));
  });
  app.patch(`${BASE}/people/:id`, ACCOUNTS, async (request) => {
    const id = accountId(paramsOf(personParams, request).id);
    return viewPerson(unwrap(await people.change(id, bodyOf(changePersonBody, request))));
  });
  app.delete(`${BASE}/people/:id`, ACCOUNTS, async (request, reply) => {
    const id = accountId(paramsOf(personParams, request).id);
    unwrap(await people.remove(id));
    // What was said of the same account as a listener must not outlive the person.
    if (access.accounts().some((account) => account.id === id)) {
      unwrap(await access.revoke({ kind: 'account', accountId: id }));
    }
    return reply.code(204).send();
  });
  app.post(`${BASE}/people/:id/links`, ACCOUNTS, async (request, reply) => {
    const id = accountId(paramsOf(personParams, request).id);
    const { hours, uses } = bodyOf(linkBody, request);
    const person = book.person(id);
    if (person === undefined) throw accountNotFound();
    const { token, expiresAtMs } = unwrap(await links.create(id, { hours, uses }));
    reply.code(201).header('cache-control', 'no-store');
    // In the fragment, which no server and no log sees.
    return { link: `${baseUrlOf(request)}/welcome#${token}`, expiresAtMs };
  });
}

function ownGrantId(accounts: Accounts, request: FastifyRequest): string | null {
  if (BEARER.test(request.headers.authorization ?? '')) return null;
  return accounts.callers.grantOf(credentialsOf(request.headers).cookie)?.id ?? null;
}

function viewPerson({ id, name, role, passwordHash, createdAtMs, expiresAtMs }: Person): object {
  return { id, name, role, hasPassword: passwordHash !== null, createdAtMs, expiresAtMs };
}
