/** Counts every answer of the content routes. */
import type { FastifyInstance } from 'fastify';
import type { ContentCounts, ContentRoute } from '#bridge/core/services/content/content-counts';
import {
  AUTHORISE_PATH,
  CONTENT_KEYS_PATH,
  EDGE_REPORT_PATH,
  FILE_PATH,
  HEAD_PATH,
  MANIFEST_PATH,
  REVOCATIONS_PATH,
} from '#protocol/wire/versions';

const ROUTE_BY_URL: ReadonlyMap<string | undefined, ContentRoute> = new Map([
  [`${MANIFEST_PATH}/:trackId`, 'manifest'],
  [`${FILE_PATH}/:fileId`, 'file'],
  [`${HEAD_PATH}/:fileId`, 'head'],
  [AUTHORISE_PATH, 'authorise'],
  [CONTENT_KEYS_PATH, 'keys'],
  [REVOCATIONS_PATH, 'revocations'],
  [EDGE_REPORT_PATH, 'edge-report'],
]);

/** Before the routes it counts are added. */
export function countContentAnswers(app: FastifyInstance, counts: ContentCounts): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = ROUTE_BY_URL.get(request.routeOptions.url);
    if (route !== undefined) counts.answered(route, reply.statusCode);
  });
}
