/**
 * The speaker's own small door on the local network: is it alive, and who is it. Its mDNS record points here.
 *
 * Bare on purpose: `node:http` alone, a few connections, small headers, short times; nothing is changed through it but by
 * pairing (`lan-posts.ts`). The Host header is checked, because a web page that rebinds its own name to this address would
 * otherwise read it from a browser.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { type ErrorCode, TonearmError } from '#protocol/vocabulary/errors';
import { createLanPosts, type LanPosts, type LanReply } from './lan-posts.ts';

const HEADER_BYTES_MAX = 4 * 1024;
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;
const CONNECTIONS_MAX = 32;
/** How often Node looks for connections past their time; its default of 30 s would make the times above 35 s. */
const TIMEOUT_CHECK_EVERY_MS = 1_000;

/** What the door tells of the speaker. No secret, and nothing that a phone of the household may not know. */
export interface LanInfo {
  readonly id: string | null;
  readonly name: string;
  readonly model: string;
  readonly version: string;
  /** Address of the bridge it is connected to. */
  readonly bridge: string | null;
  readonly output: string;
  /** Whether it can be paired; absent where it cannot be. */
  readonly pairing?: 'open' | 'closed' | 'owned';
}

export interface LanDoor {
  readonly port: number;
  /** Ends every connection. Twice is harmless. */
  close(): Promise<void>;
}

/**
 * Opens the door.
 * @param options `port` 0: any free one; `host` undefined: every address of the machine; `posts`: what takes a body, if any
 * @throws TonearmError `config.port-in-use` naming the port, or `config.invalid` when it may not be used
 */
export async function openLanDoor(
  info: () => LanInfo,
  options: { readonly port: number; readonly host?: string; readonly posts?: LanPosts },
): Promise<LanDoor> {
  const { posts, ...where } = options;
  const take = posts === undefined ? null : createLanPosts(posts, () => performance.now());
  const limits = {
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_EVERY_MS,
  };
  // Got, not imported: an import reads every export at once, and one of them loads the whole of Node's `fetch`.
  const server = process
    .getBuiltinModule('node:http')
    .createServer(limits, (request, response) => answer(request, response, { info, take }));
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, where);
  return {
    port: (server.address() as AddressInfo).port,
    close: () => close(server),
  };
}

function listen(server: Server, options: { readonly port: number; readonly host?: string }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const failed = (cause: NodeJS.ErrnoException) => reject(listenError(options.port, cause));
  server.once('error', failed);
  server.listen(options, () => {
    server.off('error', failed);
    // Later errors (out of file descriptors, say) concern one connection and must not end the speaker.
    server.on('error', () => undefined);
    resolve();
  });
  return promise;
}

function listenError(port: number, cause: NodeJS.ErrnoException): TonearmError {
  const details = { field: '--lan-port', cause, context: { port } };
  if (cause.code === 'EADDRINUSE') {
    const message = `port ${port} is in use by another program; choose another with --lan-port, or 0 for any`;
    return new TonearmError('config.port-in-use', message, details);
  }
  return new TonearmError('config.invalid', `cannot listen on port ${port}: ${cause.code ?? cause.message}`, details);
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}

interface Rooms {
  readonly info: () => LanInfo;
  readonly take: ((request: IncomingMessage, path: string) => Promise<LanReply>) | null;
}

function answer(request: IncomingMessage, response: ServerResponse, { info, take }: Rooms): void {
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  // A body that is not wanted is neither read nor allowed to hold the connection; one that is has a connection of its own.
  if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined) {
    response.setHeader('connection', 'close');
  }
  if (!isTrustedHost(request.headers.host)) {
    refuse(response, 403, 'access.host-refused', 'ask for this speaker by its address or its name in .local', 'host');
    return;
  }
  if (request.method === 'POST' && take !== null && path !== '/healthz' && path !== '/v1/info') {
    void take(request, path).then(({ status, body }) => send(response, status, body));
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    refuse(response, 405, 'input.unknown', 'this door only answers questions: GET or HEAD');
    return;
  }
  if (path === '/healthz') send(response, 200, { status: 'ok' });
  else if (path === '/v1/info') send(response, 200, info());
  else refuse(response, 404, 'input.unknown', 'there are /healthz and /v1/info here');
}

/** @param host a Host header: an address, `localhost` or a name in `.local`, with or without a port */
export function isTrustedHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const bracketed = /^\[([0-9a-f:.]+)\](?::\d{1,5})?$/i.exec(host);
  if (bracketed?.[1] !== undefined) return isIP(bracketed[1]) === 6;
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  return isIP(name) === 4 || name === 'localhost' || /^[a-z0-9-]+(\.[a-z0-9-]+)*\.local\.?$/.test(name);
}

function refuse(response: ServerResponse, status: number, code: ErrorCode, message: string, field?: string): void {
  send(response, status, { error: { code, message, ...(field === undefined ? {} : { field }) } });
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}
