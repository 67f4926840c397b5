/**
 * The WebSocket door, on the HTTP server's own port: speakers at one path, phones at another. It asks the perimeter,
 * agrees on the subprotocol, and hands each socket over as a link; what is said on it is the household's.
 */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { credentialsOf } from '#bridge/core/perimeter/credentials';
import { retryAfterOf, statusOf } from '#bridge/core/perimeter/error-status';
import type { Perimeter } from '#bridge/core/perimeter/perimeter';
import type { Caller, CallerCheck } from '#bridge/core/ports/callers';
import type { Household } from '#bridge/core/ports/household';
import { takeRequests } from '#bridge/core/relay/phone-requests';
import { createWsLink, WS_SOCKET_OPTIONS } from '#protocol/adapters/ws-link';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { TransportLink } from '#protocol/ports/transport';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { AccountId } from '#protocol/vocabulary/ids';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { CONNECT_PATH, CONNECT_SUBPROTOCOL, EVENTS_PATH, EVENTS_SUBPROTOCOL } from '#protocol/wire/versions';

/** Sockets open at once, of speakers and phones together. */
export const SOCKETS_MAX = 1_024;
/** Phones have no heartbeat of their own: who answers no ping is found out within two of these. */
const PHONE_PING_EVERY = ms(30_000);
/** Goodbyes and close frames need a round trip on the house's network. */
const FAREWELL_WITHIN = ms(500);
const STATUS_UPGRADE_REQUIRED = 426;

export interface SocketDoorPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly perimeter: Perimeter;
  readonly callers: CallerCheck;
}

/** The doors behind the door. */
export interface SocketGuests extends Pick<Household, 'request'> {
  acceptSpeaker(link: TransportLink): void;
  acceptPhone(link: TransportLink, accountId: AccountId): void;
}

export interface SocketDoor {
  /** Takes no more sockets, gives those that were told to close a moment to do so, and cuts the rest. */
  close(): Promise<void>;
}

interface Path {
  readonly subprotocol: string;
  /** Whether it is asked who comes before the upgrade; speakers say it themselves. */
  readonly asksWho: boolean;
  readonly welcome: (socket: WebSocket, caller: Caller | null) => void;
}

/** Begins to listen for upgrades on `server`, which nobody else may do. */
export function openSocketDoor(ports: SocketDoorPorts, server: Server, guests: SocketGuests): SocketDoor {
  const sockets = new WebSocketServer({
    noServer: true,
    ...WS_SOCKET_OPTIONS,
    // Only asked once the offer is known to hold ours.
    handleProtocols: (offered) => [CONNECT_SUBPROTOCOL, EVENTS_SUBPROTOCOL].find((ours) => offered.has(ours)) ?? false,
  });
  const paths: Readonly<Record<string, Path>> = {
    [CONNECT_PATH]: {
      subprotocol: CONNECT_SUBPROTOCOL,
      asksWho: false,
      welcome: (socket) => guests.acceptSpeaker(createWsLink(socket)),
    },
    [EVENTS_PATH]: {
      subprotocol: EVENTS_SUBPROTOCOL,
      asksWho: true,
      welcome: (socket, caller) => {
        if (caller === null) throw new Error('nobody asked who this phone is');
        keepPinging(ports.clock, socket);
        const link = takeRequests({ ...ports, household: guests }, createWsLink(socket), caller);
        guests.acceptPhone(link, caller.accountId);
      },
    },
  };
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A socket that breaks during the handshake would end the process.
    socket.on('error', () => socket.destroy());
    const path = chooseSocket(ports.perimeter, paths, request, sockets.clients.size);
    if (path instanceof TonearmError) {
      ports.logger.info('socket.refused', { code: path.code, path: request.url?.slice(0, 200) });
      refuse(socket, path);
      return;
    }
    void whoIs(ports.callers, path, request).then((caller) => {
      if (caller instanceof TonearmError) refuse(socket, caller);
      else if (!socket.destroyed)
        sockets.handleUpgrade(request, socket, head, (opened) => path.welcome(opened, caller));
    });
  };
  server.on('upgrade', upgrade);
  return {
    close: async () => {
      server.off('upgrade', upgrade);
      await Promise.race([allClosed(sockets.clients), pause(ports.clock, FAREWELL_WITHIN)]);
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

/** Null where nobody is asked. */
async function whoIs(
  callers: CallerCheck,
  path: Path,
  request: IncomingMessage,
): Promise<Caller | null | TonearmError> {
  if (!path.asksWho) return null;
  const caller = await callers.identify(credentialsOf(request.headers));
  return caller.ok ? caller.value : caller.error;
}

function chooseSocket(
  perimeter: Perimeter,
  paths: Readonly<Record<string, Path>>,
  request: IncomingMessage,
  openSockets: number,
): Path | TonearmError {
  const admitted = perimeter.admit({
    address: request.socket.remoteAddress ?? '',
    host: request.headers.host,
    origin: request.headers.origin,
    isWrite: true,
  });
  if (!admitted.ok) return admitted.error;
  const name = (request.url ?? '').split('?')[0] ?? '';
  const path = Object.hasOwn(paths, name) ? paths[name] : undefined;
  if (path === undefined) return new TonearmError('input.unknown', `there is no socket at ${name.slice(0, 200)}`);
  if (openSockets >= SOCKETS_MAX) return new TonearmError('session.busy', `${SOCKETS_MAX} sockets are open already`);
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((text) => text.trim());
  if (offered.includes(path.subprotocol)) return path;
  const message = `this socket speaks ${path.subprotocol}`;
  return new TonearmError('connect.version-refused', message, { field: 'sec-websocket-protocol' });
}

/** An HTTP answer by hand: there is no response object before an upgrade. */
function refuse(socket: Duplex, error: TonearmError): void {
  const status = error.code === 'connect.version-refused' ? STATUS_UPGRADE_REQUIRED : statusOf(error);
  const body = JSON.stringify({ error: { ...error.toBody(), status } });
  const retryAfter = retryAfterOf(status);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(retryAfter === null ? [] : [`retry-after: ${retryAfter}`]),
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  socket.once('finish', () => socket.destroy());
}

async function allClosed(sockets: ReadonlySet<WebSocket>): Promise<void> {
  await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
}

function pause(clock: Clock, duration: Ms): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer('sockets-farewell', duration, resolve);
  });
}

function keepPinging(clock: Clock, socket: WebSocket): void {
  let isAlive = true;
  let timer: Timer = clock.setTimer('phone-ping', PHONE_PING_EVERY, tick);
  socket.on('pong', () => {
    isAlive = true;
  });
  socket.on('close', () => timer.cancel());
  function tick(): void {
    if (!isAlive) {
      socket.terminate();
      return;
    }
    isAlive = false;
    socket.ping();
    timer = clock.setTimer('phone-ping', PHONE_PING_EVERY, tick);
  }
}
