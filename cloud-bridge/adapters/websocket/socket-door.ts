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
import type { Caller, CallerCheck, Credentials } from '#bridge/core/ports/callers';
import type { HouseMeter, SocketKind } from '#bridge/core/ports/house-meter';
import type { Household } from '#bridge/core/ports/household';
import { takeRequests } from '#bridge/core/relay/phone-requests';
import { createWsLink, WS_SOCKET_OPTIONS } from '#protocol/adapters/ws-link';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { TransportLink } from '#protocol/ports/transport';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { AccountId } from '#protocol/vocabulary/ids';
import { type Ms, ms } from '#protocol/vocabulary/units';
import {
  CHALLENGE_SUBPROTOCOL,
  CONNECT_PATH,
  CONNECT_SUBPROTOCOL,
  EVENTS_PATH,
  EVENTS_SUBPROTOCOL,
} from '#protocol/wire/versions';
import { keepAsking } from './keep-asking.ts';
import { openFilesMax } from './open-files.ts';

/** Sockets open at once, of speakers and phones together: twenty thousand speakers and their phones. */
export const SOCKETS_MAX = 24_000;
/** Of the files that the process may have open, those that are not for sockets: stores, threads, content, requests. */
const FILES_RESERVED = 1_000;
/** Phones have no heartbeat of their own: who answers no ping is found out within two of these. */
const PHONE_PING_EVERY = ms(30_000);
/** Goodbyes and close frames need a round trip on the house's network; ten thousand of them, some time of ours. */
const FAREWELL_WITHIN = ms(2_000);
const STATUS_UPGRADE_REQUIRED = 426;
/** Whoever listens is told what plays. */
const EVENTS_SCOPE = 'user-read-playback-state';

export interface SocketDoorPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly perimeter: Perimeter;
  readonly callers: CallerCheck;
  readonly meter?: Pick<HouseMeter, 'socketOpened' | 'socketClosed'>;
}

/** The doors behind the door. */
export interface SocketGuests extends Pick<Household, 'request' | 'acceptSpeaker'> {
  acceptPhone(link: TransportLink, accountId: AccountId): void;
}

export interface SocketDoor {
  /** Takes no more sockets, gives those that were told to close a moment to do so, and cuts the rest. */
  close(): Promise<void>;
}

interface SpeakersPath {
  readonly isFor: 'speakers';
  readonly subprotocol: string;
  /** They say themselves who they are, once they are in. */
  readonly welcome: (socket: WebSocket, request: IncomingMessage) => void;
}

interface PhonesPath {
  readonly isFor: 'phones';
  readonly subprotocol: string;
  readonly welcome: (socket: WebSocket, caller: Caller, by: Credentials) => void;
}

type Path = SpeakersPath | PhonesPath;

/** Begins to listen for upgrades on `server`, which nobody else may do. */
export function openSocketDoor(
  ports: SocketDoorPorts,
  server: Pick<Server, 'on' | 'off'>,
  guests: SocketGuests,
): SocketDoor {
  const sockets = new WebSocketServer({
    noServer: true,
    ...WS_SOCKET_OPTIONS,
    // Only asked once the offer is known to hold ours.
    handleProtocols: (offered) => [CONNECT_SUBPROTOCOL, EVENTS_SUBPROTOCOL].find((ours) => offered.has(ours)) ?? false,
  });
  const counted = { speaker: countSockets(ports.meter, 'speaker'), phone: countSockets(ports.meter, 'phone') };
  const paths: Readonly<Record<string, Path>> = {
    [CONNECT_PATH]: {
      isFor: 'speakers',
      subprotocol: CONNECT_SUBPROTOCOL,
      welcome: (socket, request) => {
        counted.speaker(socket);
        const takesChallenge = offeredBy(request).includes(CHALLENGE_SUBPROTOCOL);
        guests.acceptSpeaker(createWsLink(socket), { takesChallenge });
      },
    },
    [EVENTS_PATH]: {
      isFor: 'phones',
      subprotocol: EVENTS_SUBPROTOCOL,
      welcome: (socket, caller, by) => {
        counted.phone(socket);
        keepPinging(ports.clock, socket);
        keepAsking(ports, socket, by, caller);
        const link = takeRequests({ ...ports, household: guests }, createWsLink(socket), caller);
        guests.acceptPhone(link, caller.accountId);
      },
    },
  };
  const socketsMax = countRoom(ports.logger);
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A socket that breaks during the handshake would end the process. Nothing here may be held by what listens to it:
    // an idle socket would keep its whole request.
    socket.on('error', destroyThis);
    const path = chooseSocket(ports.perimeter, paths, request, { open: sockets.clients.size, max: socketsMax });
    if (path instanceof TonearmError) {
      ports.logger.info('socket.refused', { code: path.code, path: request.url?.slice(0, 200) });
      refuse(socket, path);
    } else if (path.isFor === 'phones') {
      const by = credentialsOf(request.headers);
      void whoIs(ports.callers, by).then((caller) => {
        if (caller instanceof TonearmError) refuse(socket, caller);
        else if (!socket.destroyed)
          sockets.handleUpgrade(request, socket, head, (opened) => path.welcome(opened, caller, by));
      });
    } else {
      sockets.handleUpgrade(request, socket, head, path.welcome);
    }
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

/** One listener for all sockets of a kind: there may be thousands that are idle. */
function countSockets(meter: SocketDoorPorts['meter'], kind: SocketKind): (socket: WebSocket) => void {
  if (meter === undefined) return () => undefined;
  const closed = () => meter.socketClosed(kind);
  return (socket) => {
    meter.socketOpened(kind);
    socket.on('close', closed);
  };
}

function destroyThis(this: Duplex): void {
  this.destroy();
}

/** How many sockets fit; fewer than `SOCKETS_MAX` where the process may not open so many files. */
function countRoom(logger: Logger): number {
  const files = openFilesMax();
  if (files === null || files - FILES_RESERVED >= SOCKETS_MAX) return SOCKETS_MAX;
  const socketsMax = Math.max(1, files - FILES_RESERVED);
  logger.info('sockets.fewer', { socketsMax, openFilesMax: files, reason: 'ulimit -n; LimitNOFILE= in a service' });
  return socketsMax;
}

async function whoIs(callers: CallerCheck, by: Credentials): Promise<Caller | TonearmError> {
  const caller = await callers.identify(by);
  if (!caller.ok || caller.value.scopes.has(EVENTS_SCOPE)) return caller.ok ? caller.value : caller.error;
  return new TonearmError('access.scope-missing', `this needs the scope ${EVENTS_SCOPE}`, { field: 'scope' });
}

function chooseSocket(
  perimeter: Perimeter,
  paths: Readonly<Record<string, Path>>,
  request: IncomingMessage,
  sockets: { readonly open: number; readonly max: number },
): Path | TonearmError {
  const name = (request.url ?? '').split('?')[0] ?? '';
  const path = Object.hasOwn(paths, name) ? paths[name] : undefined;
  const admitted = perimeter.admit({
    address: request.socket.remoteAddress ?? '',
    host: request.headers.host,
    origin: request.headers.origin,
    isWrite: true,
    isSpeaker: path?.isFor === 'speakers',
  });
  if (!admitted.ok) return admitted.error;
  if (path === undefined) return new TonearmError('input.unknown', `there is no socket at ${name.slice(0, 200)}`);
  if (sockets.open >= sockets.max) return new TonearmError('session.busy', `${sockets.max} sockets are open already`);
  if (offeredBy(request).includes(path.subprotocol)) return path;
  const message = `this socket speaks ${path.subprotocol}`;
  return new TonearmError('connect.version-refused', message, { field: 'sec-websocket-protocol' });
}

function offeredBy(request: IncomingMessage): readonly string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((text) => text.trim());
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
