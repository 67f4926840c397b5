/**
 * One JSON request to a bridge that a person named: over TLS to the key after the `#` of its address, or to a certificate that
 * the machine's authorities vouch for; without TLS to this machine alone, since who stands in between could pass for the bridge.
 */
import type { RequestOptions } from 'node:http';
import { connectPinned, whenVerified } from '#protocol/adapters/pinned-socket';
import { type PostAnswer, postJson } from '#protocol/adapters/post-json';
import { parseBase64url } from '#protocol/kit/base64url';
import { TonearmError } from '#protocol/vocabulary/errors';

const ANSWER_WITHIN_MS = 15_000;
const ANSWER_BYTES_MAX = 64 * 1024;
const PIN_BYTES = 32;
const HTTPS_PORT = 443;
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

export interface BridgeRequest {
  readonly path: string;
  readonly body: object;
  readonly bearer?: string;
}

/** @throws TonearmError `config.invalid` when the bridge could not be told from somebody else, `connect.*` when it is not reached */
export async function askBridge(bridge: URL, { path, body, bearer }: BridgeRequest): Promise<PostAnswer> {
  const place = placeOf(bridge);
  const headers = { host: bridge.host, ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }) };
  const limits = { answerWithinMs: ANSWER_WITHIN_MS, answerBytesMax: ANSWER_BYTES_MAX };
  try {
    const isSecure = bridge.protocol === 'https:' && bridge.hash === '';
    return await postJson(body, { isSecure, place, path, headers, ...limits });
  } catch (cause) {
    if (cause instanceof TonearmError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TonearmError('connect.unreachable', `no bridge answers at ${bridge.origin}: ${reason}`, { cause });
  }
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
