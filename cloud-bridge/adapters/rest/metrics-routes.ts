/** Counts every answer of the content routes, shows the counters to Prometheus, and says that the bridge is alive. */
import type { FastifyInstance } from 'fastify';
import type { ContentCounts, ContentRoute } from '#bridge/core/services/content/content-counts';
import { type Metric, PROMETHEUS_MEDIA_TYPE, renderPrometheus } from '#bridge/core/services/content/prometheus-text';
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

/** @param running content responses under way; others: what other parts of the bridge have counted */
export function addMetricsRoutes(
  app: FastifyInstance,
  counts: ContentCounts,
  running: () => number,
  others: () => readonly Metric[] = () => [],
): void {
  // As edges answer it: whoever watches servers asks each the same.
  app.get('/healthz', { config: { isPublic: true } }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send('ok\n'),
  );
  app.get('/metrics', { config: { isPublic: true } }, async (_request, reply) =>
    reply
      .header('content-type', PROMETHEUS_MEDIA_TYPE)
      .header('cache-control', 'no-store')
      .send(counts.render(running()) + renderPrometheus(others())),
  );
}
