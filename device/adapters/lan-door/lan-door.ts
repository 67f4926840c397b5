/**
 * The speaker's own small door on the local network: is it alive, and who is it. Its mDNS record points here.
 *
 * Read-only and bare on purpose: `node:http` alone, a few connections, small headers, short times. The Host header is
 * checked, because a web page that rebinds its own name to this address would otherwise read it from a browser.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { type ErrorCode, TonearmError } from '#protocol/vocabulary/errors';

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
}

export interface LanDoor {
  readonly port: number;
  /** Ends every connection. Twice is harmless. */
  close(): Promise<void>;
}

/**
 * Opens the door.
 * @param options `port` 0: any free one; `host` undefined: every address of the machine
 * @throws TonearmError `config.port-in-use` naming the port, or `config.invalid` when it may not be used
 */
export async function openLanDoor(
  info: () => LanInfo,
  options: { readonly port: number; readonly host?: string },
): Promise<LanDoor> {
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
    .createServer(limits, (request, response) => answer(request, response, info));
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, options);
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

function answer(request: IncomingMessage, response: ServerResponse, info: () => LanInfo): void {
  // Nothing here takes a body; one that comes is neither read nor allowed to hold the connection.
  if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined) {
    response.setHeader('connection', 'close');
  }
  if (!isTrustedHost(request.headers.host)) {
    refuse(response, 403, 'access.host-refused', 'ask for this speaker by its address or its name in .local', 'host');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    refuse(response, 405, 'input.unknown', 'this door only answers questions: GET or HEAD');
    return;
  }
  const [path] = (request.url ?? '/').split('?', 1);
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
