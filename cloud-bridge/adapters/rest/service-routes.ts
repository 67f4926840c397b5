/**
 * What those ask who look after a bridge: whether it lives, whether it can work, and its figures. The first two are for
 * everybody, since whoever restarts a bridge has no account; figures tell who listens when, and are not.
 */
import type { FastifyInstance } from 'fastify';
import type { ReadinessCheck } from '#bridge/core/ports/readiness';
import { PROMETHEUS_MEDIA_TYPE } from '#bridge/core/services/content/prometheus-text';
import { judgeReadiness } from '#bridge/core/services/metrics/judge-readiness';
import type { Clock } from '#protocol/ports/clock';

const NOT_READY = 503;

export interface ServiceRoutesPorts {
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly readiness: readonly ReadinessCheck[];
  /** In Prometheus' text format. */
  metrics(): string;
}

/** @param access `public`: on a port that is only for those who look after it */
export function addServiceRoutes(
  app: FastifyInstance,
  { clock, readiness, metrics }: ServiceRoutesPorts,
  access: 'scoped' | 'public',
): void {
  // As edges answer it: whoever watches servers asks each the same.
  app.get('/healthz', { config: { isPublic: true } }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send('ok\n'),
  );
  app.get('/readyz', { config: { isPublic: true } }, async (_request, reply) => {
    const { isReady, problems } = await judgeReadiness(clock, readiness);
    return reply
      .code(isReady ? 200 : NOT_READY)
      .header('cache-control', 'no-store')
      .send({ isReady, problems });
  });
  const config = access === 'public' ? { isPublic: true } : { scopes: ['tonearm-metrics'] as const };
  app.get('/metrics', { config }, async (_request, reply) =>
    reply.header('content-type', PROMETHEUS_MEDIA_TYPE).header('cache-control', 'no-store').send(metrics()),
  );
}
