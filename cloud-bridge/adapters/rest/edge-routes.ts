/** How the edges do: what speakers report of them (spec section 8.9), and what the bridge makes of it, for people. */
import type { FastifyInstance } from 'fastify';
import type { SpeakerGate } from '#bridge/core/perimeter/speaker-gate';
import type { EdgeBook } from '#bridge/core/services/playback/edge-book';
import { edgeReportSchema } from '#protocol/wire/edge-report';
import { EDGE_REPORT_PATH } from '#protocol/wire/versions';
import { askSpeaker } from './asking-speaker.ts';
import { bodyOf } from './request-parts.ts';

const LIBRARY = { config: { scopes: ['tonearm-library'] } } as const;

export interface EdgeRoutesPorts {
  readonly edges: Pick<EdgeBook, 'report' | 'view'>;
  /** Absent: speakers are not asked who they are. */
  readonly gate?: SpeakerGate;
}

export function addEdgeRoutes(app: FastifyInstance, { edges, gate }: EdgeRoutesPorts): void {
  app.post(EDGE_REPORT_PATH, { config: { isPublic: true } }, async (request, reply) => {
    const asker = askSpeaker(gate, request);
    const report = bodyOf(edgeReportSchema, request);
    edges.report(asker === null ? report : { ...report, speakerId: asker });
    return reply.code(204).send();
  });
  app.get('/tonearm/v1/edges', LIBRARY, async () => ({ items: edges.view() }));
}
