/** The second port of the HTTP door: the same routes and sockets by TLS. Spec 4.8. */
import { createServer, type Server } from 'node:https';
import type { FastifyInstance } from 'fastify';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { TlsMaterial } from './tls-material.ts';

/** A handshake takes two round trips; who takes this long holds a socket for nothing. */
const HANDSHAKE_WITHIN_MS = 10_000;
/** How often it is looked whose time is over. */
const LATE_FOUND_WITHIN_MS = 2_000;
/** Connections that the kernel holds until they are taken, as at the plain port. */
const BACKLOG_MAX = 4_096;

export interface SecureDoor {
  /** Sockets are accepted on the same server. */
  readonly server: Server;
  /** @returns the port in use; throws `config.port-in-use` */
  listen(port: number, host: string): Promise<number>;
  /** Cuts every connection. Unlistened is harmless. */
  close(): Promise<void>;
}

/** @param app its routes, limits and answers; ready by the time that this listens */
export function createSecureDoor(app: FastifyInstance, { key, cert }: Pick<TlsMaterial, 'key' | 'cert'>): SecureDoor {
  const { maxConnections, headersTimeout, requestTimeout, keepAliveTimeout } = app.server;
  const timeouts = {
    ...{ headersTimeout, requestTimeout, keepAliveTimeout, handshakeTimeout: HANDSHAKE_WITHIN_MS },
    connectionsCheckingInterval: LATE_FOUND_WITHIN_MS,
  };
  const server = createServer({ key, cert, minVersion: 'TLSv1.3', ...timeouts }, (request, response) => {
    app.routing(request, response);
  });
  server.maxConnections = maxConnections;
  // A handshake that fails is the client's affair, and its socket is closed already.
  server.on('tlsClientError', () => {});
  return {
    server,
    listen: async (port, host) => {
      await app.ready();
      return listen(server, port, host);
    },
    close: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      return promise;
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const fail = (cause: NodeJS.ErrnoException): void => {
    const isTaken = cause.code === 'EADDRINUSE';
    const why = isTaken
      ? `${port} is in use on ${host}`
      : `cannot listen on ${host}:${port}: ${cause.code ?? cause.message}`;
    const message = `--tls-port: ${why}; choose another, or 0 for none`;
    reject(new TonearmError(isTaken ? 'config.port-in-use' : 'config.invalid', message, { field: 'tls-port', cause }));
  };
  server.once('error', fail);
  server.listen({ port, host, backlog: BACKLOG_MAX }, () => {
    server.off('error', fail);
    const address = server.address();
    if (address === null || typeof address === 'string') reject(new Error('a TCP server has a port'));
    else resolve(address.port);
  });
  return promise;
}
