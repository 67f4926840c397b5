/** Taking speakers into the house: which there are, and one of them by the code that it says. */
import type { FastifyInstance } from 'fastify';
import type { Pairing } from '#bridge/core/services/pairing/pairing';
import { TonearmError } from '#protocol/vocabulary/errors';
import { callerOf } from './callers.ts';
import { pairBody } from './pairing-inputs.ts';
import { bodyOf, unwrap } from './request-parts.ts';

export interface PairingRoutesPorts {
  readonly pairing: Pick<Pairing, 'candidates' | 'pair'>;
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
}
