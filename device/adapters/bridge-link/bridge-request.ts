/**
 * One JSON request to a bridge that a person named: over TLS to the key after the `#` of its address, or to a certificate that
 * the machine's authorities vouch for; without TLS to this machine alone, since who stands in between could pass for the bridge.
 */
import type { RequestOptions } from 'node:http';
import { connectPinned, whenVerified } from '#protocol/adapters/pinned-socket';
import { parseBase64url } from '#protocol/kit/base64url';
import { TonearmError } from '#protocol/vocabulary/errors';

const ANSWER_WITHIN_MS = 15_000;
const ANSWER_BYTES_MAX = 64 * 1024;
const PIN_BYTES = 32;
const HTTPS_PORT = 443;
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

export interface BridgeAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface BridgeRequest {
  readonly path: string;
  readonly body: object;
  readonly bearer?: string;
}

/** @throws TonearmError `config.invalid` when the bridge could not be told from somebody else, `connect.*` when it is not reached */
export function askBridge(bridge: URL, { path, body, bearer }: BridgeRequest): Promise<BridgeAnswer> {
  const text = JSON.stringify(body);
  const headers = {
    host: bridge.host,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<BridgeAnswer>();
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const options: RequestOptions = { method: 'POST', path, headers, signal, ...placeOf(bridge) };
  // Got, not imported: a bundle would import it at the start of every speaker, which reads all of Node's `fetch` too.
  const { request: send } =
    bridge.protocol === 'https:' && bridge.hash === ''
      ? process.getBuiltinModule('node:https')
      : process.getBuiltinModule('node:http');
  const asked = send(options, (response) => {
    const parts: Buffer[] = [];
    let size = 0;
    response.on('data', (part: Buffer) => {
      size += part.length;
      if (size > ANSWER_BYTES_MAX) asked.destroy(new Error(`more than ${ANSWER_BYTES_MAX} bytes`));
      else parts.push(part);
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(parts)) }));
  });
  asked.on('error', (cause) => {
    if (cause instanceof TonearmError) reject(cause);
    else
      reject(
        new TonearmError('connect.unreachable', `no bridge answers at ${bridge.origin}: ${cause.message}`, { cause }),
      );
  });
  asked.end(text);
  return promise;
}

function placeOf(bridge: URL): RequestOptions {
  const host = bridge.hostname.replace(/^\[|\]$/g, '');
  if (bridge.protocol === 'http:') {
    if (LOOPBACK.has(bridge.hostname)) return { host, port: bridge.port };
    throw refusal('a bridge on another machine is asked by https://');
  }
  if (bridge.protocol !== 'https:') throw refusal('a bridge is asked by https://');
  const port = bridge.port === '' ? HTTPS_PORT : Number(bridge.port);
  if (bridge.hash === '') return { host, port };
  const pin = parseBase64url(bridge.hash.slice(1));
  if (pin?.length !== PIN_BYTES) throw refusal('what follows the # is no key');
  return {
    createConnection: (_options, ready) => {
      const socket = connectPinned({ host, port, pin });
      whenVerified(socket, (error) => ready(error, socket));
      return undefined;
    },
  };
}

function refusal(message: string): TonearmError {
  return new TonearmError('config.invalid', `--bridge: ${message}`, { field: '--bridge' });
}

function parse(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    return null;
  }
}
