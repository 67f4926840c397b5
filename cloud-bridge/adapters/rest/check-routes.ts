/** The routes of a check of the store: begin one, look how far it is and what it found. */
import type { FastifyInstance } from 'fastify';
import type { StoreCheckControl } from '#bridge/core/ports/store-check-control';
import { checkBody } from './library-inputs.ts';
import { bodyOf, unwrap } from './request-parts.ts';

const LIBRARY = { config: { scopes: ['tonearm-library'] } } as const;

export interface CheckRoutesPorts {
  readonly check: StoreCheckControl;
}

export function addCheckRoutes(app: FastifyInstance, { check }: CheckRoutesPorts): void {
  app.get('/tonearm/v1/check', LIBRARY, async () => check.view());
  app.post('/tonearm/v1/check', LIBRARY, async (request, reply) => {
    const { repair } = bodyOf(checkBody, request);
    unwrap(check.begin({ isRepairing: repair === true }));
    return reply.code(202).send(check.view());
  });
}
