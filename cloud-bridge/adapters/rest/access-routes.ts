/**
 * Who may play: the keys and revocations that edges fetch (spec sections 8.7 and 8.8), and the household's own door to
 * accounts and to taking access away and giving it back.
 */
import type { FastifyInstance } from 'fastify';
import * as z from 'zod/mini';
import type { ContentKeySet } from '#bridge/core/ports/content-token-verifier';
import type { AccessControl } from '#bridge/core/services/access/access-control';
import { accountIdSchema } from '#protocol/wire/content-token';
import { nameSchema, speakerIdSchema } from '#protocol/wire/schema';
import { CONTENT_KEYS_PATH, REVOCATIONS_PATH } from '#protocol/wire/versions';
import { bodyOf, digitsSchema, paramsOf, queryOf, unwrap } from './request-parts.ts';

const BASE = '/tonearm/v1/access';
export const revocationsQuery = z.object({ after: z.optional(digitsSchema(0, Number.MAX_SAFE_INTEGER)) });
export const accountParams = z.object({ accountId: accountIdSchema });
export const speakerParams = z.object({ speakerId: speakerIdSchema });
const tokenName = z.string().check(z.regex(/^[0-9A-Za-z_-]{8,64}$/));
export const revocationBody = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('account'), accountId: accountIdSchema }),
  z.object({ kind: z.literal('speaker'), speakerId: speakerIdSchema }),
  z.object({ kind: z.literal('token'), tokenId: tokenName }),
]);
export const accountBody = z.object({
  name: nameSchema,
  tier: z.enum(['free', 'premium']),
  country: z.nullable(z.string().check(z.regex(/^[A-Z]{2}$/))),
});
export const speakerBody = z.object({ accountId: accountIdSchema });

const ACCOUNTS = { config: { scopes: ['tonearm-accounts'] } } as const;

export interface AccessRoutesPorts {
  readonly access: Pick<
    AccessControl,
    'revocations' | 'revoke' | 'restore' | 'accounts' | 'describeAccount' | 'assignSpeaker'
  >;
  /** As it is now: keys come and go. */
  keys(): ContentKeySet;
}

export function addAccessRoutes(app: FastifyInstance, { access, keys }: AccessRoutesPorts): void {
  app.get(CONTENT_KEYS_PATH, { config: { isPublic: true } }, async (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(keys()),
  );
  app.get(REVOCATIONS_PATH, { config: { isPublic: true } }, async (request, reply) => {
    const { after } = queryOf(revocationsQuery, request);
    const feed = access.revocations();
    reply.header('cache-control', 'no-store');
    // Another number, even a smaller one: a bridge that was set up anew has forgotten what its edges remember.
    return after === feed.revision ? reply.code(304).send() : reply.send(feed);
  });
  app.post(`${BASE}/revocations`, ACCOUNTS, async (request, reply) => {
    unwrap(await access.revoke(bodyOf(revocationBody, request)));
    return reply.code(204).send();
  });
  app.delete(`${BASE}/revocations/accounts/:accountId`, ACCOUNTS, async (request, reply) => {
    unwrap(await access.restore({ kind: 'account', ...paramsOf(accountParams, request) }));
    return reply.code(204).send();
  });
  app.delete(`${BASE}/revocations/speakers/:speakerId`, ACCOUNTS, async (request, reply) => {
    unwrap(await access.restore({ kind: 'speaker', ...paramsOf(speakerParams, request) }));
    return reply.code(204).send();
  });
  app.get(`${BASE}/accounts`, ACCOUNTS, async () => ({ items: access.accounts() }));
  app.put(`${BASE}/accounts/:accountId`, ACCOUNTS, async (request, reply) => {
    const { accountId } = paramsOf(accountParams, request);
    unwrap(await access.describeAccount({ id: accountId, ...bodyOf(accountBody, request) }));
    return reply.code(204).send();
  });
  app.put(`${BASE}/speakers/:speakerId`, ACCOUNTS, async (request, reply) => {
    const { speakerId } = paramsOf(speakerParams, request);
    unwrap(await access.assignSpeaker(speakerId, bodyOf(speakerBody, request).accountId));
    return reply.code(204).send();
  });
}
