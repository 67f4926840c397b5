/** Dials a bridge's Connect socket with the `ws` package. One attempt each; when to try again is policy and not here. */
import type { IncomingMessage } from 'node:http';
import type { LookupFunction, createConnection as netConnect, Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { DialAttempt, TransportDialer, TransportLink } from '#protocol/ports/transport';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { CHALLENGE_SUBPROTOCOL, CONNECT_PATH, CONNECT_SUBPROTOCOL } from '#protocol/wire/versions';
import { createPatientLookup } from './patient-lookup.ts';
import { connectPinned, whenVerified } from './pinned-socket.ts';
import { createWsLink, WS_SOCKET_OPTIONS } from './ws-link.ts';

/** TCP and HTTP upgrade together; a bridge on the same network answers in tens of milliseconds. */
const HANDSHAKE_TIMEOUT_DEFAULT = ms(5_000);
const STATUS_UPGRADE_REQUIRED = 426;

export interface WsDialerOptions {
  readonly handshakeTimeoutMs?: Ms;
  readonly path?: string;
  readonly subprotocol?: string;
  /** Names to addresses; `createPatientLookup` otherwise. */
  readonly lookup?: LookupFunction;
}

/** Addresses are `ws://host:port` or `wss://host:port`; a path in one is kept in front of the socket's own. */
export function createWsDialer(options: WsDialerOptions = {}): TransportDialer {
  const lookup = options.lookup ?? createPatientLookup();
  return { dial: (address, pin) => dial(address, pin, { ...options, lookup }) };
}

function dial(
  address: string,
  pin: Uint8Array | undefined,
  options: WsDialerOptions & { readonly lookup: LookupFunction },
): DialAttempt {
  const { promise: outcome, resolve } = Promise.withResolvers<Result<TransportLink, TonearmError>>();
  const url = socketUrl(address, options.path ?? CONNECT_PATH);
  if (!url.ok) {
    resolve(url);
    return { outcome, cancel: () => undefined };
  }
  if (pin !== undefined && url.value.protocol !== 'wss:') {
    const message = `${address} is not a wss:// address, and a bridge whose key is known is asked by no other`;
    resolve(refused(new TonearmError('connect.identity-refused', message, { field: 'address' })));
    return { outcome, cancel: () => undefined };
  }
  const offered =
    options.subprotocol === undefined ? [CONNECT_SUBPROTOCOL, CHALLENGE_SUBPROTOCOL] : [options.subprotocol];
  const socket = new WebSocket(url.value, offered, {
    // The types know the synchronous way alone; `node:http`, which it is handed to, knows both.
    ...(pin === undefined
      ? {}
      : { createConnection: pinnedConnection(pin, options.lookup) as unknown as typeof netConnect }),
    ...WS_SOCKET_OPTIONS,
    lookup: options.lookup,
    handshakeTimeout: options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_DEFAULT,
    followRedirects: false,
  });
  let isSettled = false;
  const settle = (result: Result<TransportLink, TonearmError>) => {
    isSettled = true;
    resolve(result);
  };
  const fail = (error: TonearmError) => {
    if (isSettled) return;
    settle(refused(error));
    socket.terminate();
  };
  socket.on('unexpected-response', (_request, response) => fail(answerError(address, response)));
  socket.on('error', (cause) => fail(dialError(address, cause)));
  socket.once('open', () => {
    if (!isSettled) settle(ok(createWsLink(socket)));
  });
  return {
    outcome,
    cancel: () => fail(new TonearmError('connect.unreachable', `gave up dialling ${address}`)),
  };
}

/** As `http.request` takes it: gives the socket when the right key has answered, and not before. */
function pinnedConnection(pin: Uint8Array, lookup: LookupFunction) {
  return (
    { host = '', port = 0 }: { readonly host?: string; readonly port?: number | string },
    done: (error: Error | null, socket?: Socket) => void,
  ): Socket | undefined => {
    const connecting = connectPinned({ host, port: Number(port), pin, lookup });
    whenVerified(connecting, (error) => (error === null ? done(null, connecting) : done(error)));
    return undefined;
  };
}

function socketUrl(address: string, path: string): Result<URL, TonearmError> {
  let url: URL;
  try {
    url = new URL(address);
  } catch (cause) {
    return refused(badAddress(address, cause));
  }
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') return refused(badAddress(address, undefined));
  url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
  url.hash = '';
  return ok(url);
}

function badAddress(address: string, cause: unknown): TonearmError {
  const message = `not a bridge's address: ${JSON.stringify(address.slice(0, 200))}; write ws://host:port`;
  return new TonearmError('connect.unreachable', message, { field: 'address', cause });
}

function answerError(address: string, response: IncomingMessage): TonearmError {
  const status = response.statusCode ?? 0;
  response.resume();
  const context = { status };
  if (status === STATUS_UPGRADE_REQUIRED) {
    return new TonearmError('connect.version-refused', `${address} speaks no ${CONNECT_SUBPROTOCOL}`, { context });
  }
  return new TonearmError('connect.unreachable', `${address} answered HTTP ${status} instead of a socket`, { context });
}

function dialError(address: string, cause: Error): TonearmError {
  if (cause instanceof TonearmError) return cause;
  // The only way `ws` tells it: the server chose none, or another, of the subprotocols that were offered.
  if (/subprotocol/i.test(cause.message)) {
    return new TonearmError('connect.version-refused', `${address} speaks no ${CONNECT_SUBPROTOCOL}`, { cause });
  }
  const code = (cause as NodeJS.ErrnoException).code;
  const why = code ?? cause.message;
  return new TonearmError('connect.unreachable', `cannot reach ${address}: ${why}`, { cause });
}
