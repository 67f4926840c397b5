/**
 * A port of its own for those who look after a bridge, on an address of its own: they need no account there, and whoever
 * may reach it is for the network to say.
 */
import { type FastifyInstance, fastify } from 'fastify';
import { HEADERS_WITHIN_MS, REQUEST_WITHIN_MS } from './http-limits.ts';
import { listenOn } from './listen-on.ts';
import { addServiceRoutes, type ServiceRoutesPorts } from './service-routes.ts';

/** Prometheus keeps one open; a second for a person, and some for whoever asks for health. */
const CONNECTIONS_MAX = 32;

export interface MetricsDoor {
  readonly app: FastifyInstance;
  /** @returns the port in use; throws `config.port-in-use` or `config.invalid` naming the flag */
  listen(port: number, host: string): Promise<number>;
  close(): Promise<void>;
}

export function createMetricsDoor(ports: ServiceRoutesPorts): MetricsDoor {
  const app = fastify({
    requestTimeout: REQUEST_WITHIN_MS,
    http: { headersTimeout: HEADERS_WITHIN_MS },
    forceCloseConnections: true,
  });
  app.server.maxConnections = CONNECTIONS_MAX;
  addServiceRoutes(app, ports, 'public');
  return {
    app,
    listen: (port, host) => listenOn(app, { port, host }, { port: 'metrics-port', host: 'metrics-host' }),
    close: () => app.close(),
  };
}
