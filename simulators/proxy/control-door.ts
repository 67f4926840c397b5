/**
 * How a running simulation is told what to do: small questions and orders in JSON over HTTP, each checked by its schema.
 * A page in a browser on this machine is not to pull plugs: foreign names in `Host`, any `Origin` and bodies that are not
 * called JSON are refused.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { checkHost } from '#bridge/core/perimeter/host-rule';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import { parseValue, type Schema } from '#protocol/wire/schema';
import { type Endpoint, formatEndpoint, listeningFailure } from './endpoint.ts';

const BODY_BYTES_MAX = 64 * 1024;

/** One order or question. */
export interface ControlRoute {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** From its beginning to its end, e.g. `/state`; a part in braces is a name: `/rooms/{room}/cut`. */
  readonly path: string;
  /** @param body what was sent, `undefined` for nothing. @throws TonearmError when it is refused */
  answer(body: unknown, names: Readonly<Record<string, string>>): unknown;
}

export class ControlDoor {
  readonly url: string;
  readonly #server: Server;

  private constructor(url: string, server: Server) {
    this.url = url;
    this.#server = server;
  }

  /** @throws TonearmError config.port-in-use, config.invalid when that address cannot be had */
  static async open(listen: Endpoint, routes: readonly ControlRoute[]): Promise<ControlDoor> {
    const server = createServer((request, response) => {
      answer(request, routes)
        .then((value) => send(response, 200, value ?? {}))
        .catch((thrown: unknown) => {
          const error = toTonearmError(thrown);
          send(response, statusOf(error), { error: error.toBody() });
        });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listeningFailure(listen, error)));
      server.listen(listen.port, listen.host, resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return new ControlDoor(`http://${formatEndpoint({ ...listen, port })}`, server);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

/** @throws TonearmError input.invalid that names the field; for the answer of a route */
export function readBody<Value>(schema: Schema<Value>, body: unknown, subject: string): Value {
  const parsed = parseValue(schema, body ?? {}, subject);
  if (!parsed.ok) throw parsed.error;
  return parsed.value;
}

async function answer(request: IncomingMessage, routes: readonly ControlRoute[]): Promise<unknown> {
  const host = checkHost(request.headers.host, []);
  if (!host.ok) throw host.error;
  if (request.headers.origin !== undefined) {
    throw new TonearmError('access.origin-refused', 'pages do not control a simulation', { field: 'origin' });
  }
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  for (const route of routes) {
    const names = route.method === request.method ? matchPath(route.path, path) : null;
    if (names !== null) return await route.answer(route.method === 'GET' ? undefined : await readJson(request), names);
  }
  const known = routes.map((route) => `${route.method} ${route.path}`).join(', ');
  throw new TonearmError('input.unknown', `there is no ${request.method} ${path.slice(0, 80)}; there is ${known}`);
}

function matchPath(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return null;
  const names: Record<string, string> = {};
  for (const [place, part] of wanted.entries()) {
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? [];
    if (name !== undefined) names[name] = given[place] ?? '';
    else if (part !== given[place]) return null;
  }
  return names;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    size += (piece as Buffer).length;
    if (size > BODY_BYTES_MAX) throw new TonearmError('input.too-large', `a body has at most ${BODY_BYTES_MAX} bytes`);
    pieces.push(piece as Buffer);
  }
  const isJson = /^application\/json\b/i.test(request.headers['content-type'] ?? '');
  if (!isJson) throw new TonearmError('input.invalid', 'say content-type: application/json', { field: 'content-type' });
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch (cause) {
    throw new TonearmError('input.invalid', 'the body is not JSON', { cause });
  }
}

function statusOf({ code }: TonearmError): number {
  if (code.startsWith('access.')) return 403;
  if (code === 'input.unknown') return 404;
  if (code === 'input.too-large') return 413;
  return code.startsWith('input.') ? 400 : 500;
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(value)}\n`);
}
