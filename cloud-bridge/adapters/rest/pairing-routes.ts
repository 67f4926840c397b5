/** Taking speakers into the house: which there are, and one of them by the code that it says. */
import type { FastifyInstance } from 'fastify';
import { credentialsOf } from '#bridge/core/perimeter/credentials';
import type { Pairing } from '#bridge/core/services/pairing/pairing';
import { TonearmError } from '#protocol/vocabulary/errors';
import { pairingLinkSchema } from '#protocol/wire/pairing';
import { callerOf } from './callers.ts';
import { pairBody } from './pairing-inputs.ts';
import { bodyOf, unwrap } from './request-parts.ts';

export interface PairingRoutesPorts {
  readonly pairing: Pick<Pairing, 'candidates' | 'pair' | 'link' | 'secureDoor'>;
}

const config = { scopes: ['tonearm-speakers'] as const };

export function addPairingRoutes(app: FastifyInstance, { pairing }: PairingRoutesPorts): void {
  app.get('/tonearm/v1/pairings/candidates', { config }, async () => ({ items: await pairing.candidates() }));
  app.post('/tonearm/v1/pairings', { config }, async (request, reply) => {
    const { speakerId, address, code } = bodyOf(pairBody, request);
    const speaker = speakerId !== undefined ? { id: speakerId } : address !== undefined ? { address } : null;
    if (speaker === null || (speakerId !== undefined && address !== undefined)) {
      throw new TonearmError('input.invalid', 'body: one of speakerId and address', { field: 'speakerId' });
    }
    const { id, name } = unwrap(await pairing.pair({ speaker, code, ownerId: callerOf(request).accountId }));
    return reply.code(201).send({ id, name });
  });
  app.get('/tonearm/v1/pairings/links', { config }, async (request) => {
    const door = pairing.secureDoor();
    return { url: door === null ? null : `https://${request.hostname}:${door.port}#${door.pin}` };
  });
  app.post('/tonearm/v1/pairings/links', { config }, async (request, reply) => {
    const { bearer } = credentialsOf(request.headers);
    if (bearer === null) throw new TonearmError('access.sign-in-needed', 'this is for a speaker and its token');
    const link = bodyOf(pairingLinkSchema, request);
    return reply.code(201).send(unwrap(await pairing.link(link, bearer, callerOf(request).accountId)));
  });
}
