/**
 * One connection more to each host than is in use, made ahead: a request that is cancelled takes its connection with it,
 * and who seeks is not to wait for another one's handshake (a round trip, with TLS two).
 */
import type { Socket } from 'node:net';

/** Hosts with a spare: as many edges as are in use at a time, and a bridge. */
const HOSTS_MAX = 8;

/** Makes a connection; it may still be connecting when it is given. */
export type Connect<Options> = (options: Options) => Socket;

export interface SpareConnections<Options> {
  /** The spare to that host where there is one, else a new one; another spare is made once this one is connected. */
  take(options: Options): Socket;
  close(): void;
}

interface Spare {
  readonly socket: Socket;
  /** Makes it an ordinary connection, which who takes it listens to. */
  release(): void;
}

/** @param hostOf names what a connection made with these options can be used for */
export function createSpareConnections<Options>(
  connect: Connect<Options>,
  hostOf: (options: Options) => string,
): SpareConnections<Options> {
  const spares = new Map<string, Spare>();
  let isClosed = false;

  const forget = (host: string, socket: Socket): void => {
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
      if (spare?.socket.readyState === 'open') {
        spares.delete(host);
        spare.release();
        prepare(host, options);
        return spare.socket;
      }
      const socket = connect(options);
      // After it: a host that cannot be reached is not dialled twice.
      socket.once('connect', () => prepare(host, options));
      return socket;
    },
    close: () => {
      isClosed = true;
      for (const { socket } of spares.values()) socket.destroy();
      spares.clear();
    },
  };
}
