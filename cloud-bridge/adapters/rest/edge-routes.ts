/** How the edges do: what speakers report of them (spec section 8.9), and what the bridge makes of it, for people. */
import type { FastifyInstance } from 'fastify';
import type { EdgeBook } from '#bridge/core/services/playback/edge-book';
import { edgeReportSchema } from '#protocol/wire/edge-report';
import { EDGE_REPORT_PATH } from '#protocol/wire/versions';
import { bodyOf } from './request-parts.ts';

const LIBRARY = { config: { scopes: ['tonearm-library'] } } as const;

export interface EdgeRoutesPorts {
  readonly edges: Pick<EdgeBook, 'report' | 'view'>;
}

export function addEdgeRoutes(app: FastifyInstance, { edges }: EdgeRoutesPorts): void {
  app.post(EDGE_REPORT_PATH, { config: { isPublic: true } }, async (request, reply) => {
    edges.report(bodyOf(edgeReportSchema, request));
    return reply.code(204).send();
  });
  app.get('/tonearm/v1/edges', LIBRARY, async () => ({ items: edges.view() }));
}
