/**
 * One connection more to each host than is in use, made ahead: a request that is cancelled takes its connection with it,
 * and who seeks is not to wait for another one's handshake (a round trip, with TLS two).
 */
import type { Socket } from 'node:net';

/** Hosts with a spare: as many edges as are in use at a time, and a bridge. */
const HOSTS_MAX = 8;

/** Makes a connection; it may still be connecting when it is given. */
export type Connect<Options, Connection extends Socket = Socket> = (options: Options) => Connection;

export interface SpareConnections<Options, Connection extends Socket = Socket> {
  /** The spare to that host where there is one, else a new one; another spare is made once this one is connected. */
  take(options: Options): Connection;
  close(): void;
}

interface Spare<Connection extends Socket> {
  readonly socket: Connection;
  /** Makes it an ordinary connection, which who takes it listens to. */
  release(): void;
}

/** How a kind of connection says that it can be used. */
export interface Readiness<Connection extends Socket> {
  readonly event: 'connect' | 'secureConnect';
  isReady(socket: Connection): boolean;
}

const CONNECTED: Readiness<Socket> = { event: 'connect', isReady: (socket) => socket.readyState === 'open' };

/** @param hostOf names what a connection made with these options can be used for */
export function createSpareConnections<Options, Connection extends Socket = Socket>(
  connect: Connect<Options, Connection>,
  hostOf: (options: Options) => string,
  readiness: Readiness<Connection> = CONNECTED,
): SpareConnections<Options, Connection> {
  const spares = new Map<string, Spare<Connection>>();
  let isClosed = false;

  const forget = (host: string, socket: Connection): void => {
    if (spares.get(host)?.socket === socket) spares.delete(host);
  };

  const prepare = (host: string, options: Options): void => {
    if (isClosed || spares.has(host) || spares.size >= HOSTS_MAX) return;
    const socket = connect(options);
    // A spare keeps no process alive. One that fails, or to which the host says anything unasked, is none.
    socket.unref();
    const spoil = (): void => {
      socket.destroy();
      forget(host, socket);
    };
    const listened = ['error', 'end', 'close', 'data'] as const;
    for (const event of listened) socket.on(event, spoil);
    spares.set(host, {
      socket,
      release: () => {
        for (const event of listened) socket.off(event, spoil);
        socket.ref();
      },
    });
  };

  return {
    take: (options) => {
      const host = hostOf(options);
      const spare = spares.get(host);
      if (spare !== undefined && readiness.isReady(spare.socket)) {
        spares.delete(host);
        spare.release();
        prepare(host, options);
        return spare.socket;
      }
      const socket = connect(options);
      // After it: a host that cannot be reached is not dialled twice.
      socket.once(readiness.event, () => {
        if (readiness.isReady(socket)) prepare(host, options);
      });
      return socket;
    },
    close: () => {
      isClosed = true;
      for (const { socket } of spares.values()) socket.destroy();
      spares.clear();
    },
  };
}
