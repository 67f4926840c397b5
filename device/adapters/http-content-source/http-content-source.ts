/** Manifests and byte ranges over HTTP: from the bridge of the moment, or from the edge that a manifest names. Spec section 8. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type {
  BridgeLocator,
  ByteRange,
  ChunkSource,
  ManifestSource,
  PendingFetch,
} from '#device/core/ports/chunk-source';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { errorBodySchema } from '#protocol/wire/error-body';
import { MANIFEST_BYTES_MAX, type Manifest, manifestSchema } from '#protocol/wire/manifest';
import { parseValue } from '#protocol/wire/schema';
import { FILE_PATH, MANIFEST_PATH } from '#protocol/wire/versions';
import { type HttpAnswer, httpRequest } from './http-request.ts';

/** Connections kept to one host: two requests of the current track and two of the next. */
const SOCKETS_MAX = 4;
/** An error's body beside what was asked for. */
const ERROR_BYTES_MAX = 64 * 1024;

export interface HttpContentSource extends ManifestSource, ChunkSource, BridgeLocator {
  /** Closes the connections that are kept. */
  close(): void;
}

export function createHttpContentSource(clock: Clock): HttpContentSource {
  const limits = { keepAlive: true, maxSockets: SOCKETS_MAX };
  const agents = { http: new HttpAgent(limits), https: new HttpsAgent(limits) };
  let bridgeUrl: string | null = null;

  return {
    setBridge: (url) => {
      bridgeUrl = url;
    },
    fetchManifest: (trackId) => {
      if (bridgeUrl === null) return noBridge();
      const url = `${bridgeUrl}${MANIFEST_PATH}/${trackId}`;
      const request = httpRequest({ clock, agents }, { url, headers: {}, bodyBytesMax: MANIFEST_BYTES_MAX });
      return {
        outcome: request.outcome.then((outcome) => (outcome.ok ? readManifest(outcome.value) : outcome)),
        cancel: request.cancel,
      };
    },
    fetchRange: ({ edgeUrl, token, fileId, range }) => {
      const base = edgeUrl === '' ? bridgeUrl : edgeUrl;
      if (base === null) return noBridge();
      const last = range.offset + range.length - 1;
      const request = httpRequest(
        { clock, agents },
        {
          url: `${base}${FILE_PATH}/${fileId}`,
          headers: { range: `bytes=${range.offset}-${last}`, authorization: `Bearer ${token}` },
          bodyBytesMax: Math.max(range.length, ERROR_BYTES_MAX),
        },
      );
      return {
        outcome: request.outcome.then((outcome) => (outcome.ok ? readRange(outcome.value, range) : outcome)),
        cancel: request.cancel,
      };
    },
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function noBridge(): PendingFetch<never> {
  const error = new TonearmError('fetch.unreachable', 'the bridge is not known yet');
  return { outcome: Promise.resolve(refused(error)), cancel: () => {} };
}

function readManifest(answer: HttpAnswer): Result<Manifest, TonearmError> {
  if (answer.status !== 200) return refused(errorOf(answer));
  const parsed = parseJson(answer.body);
  if (parsed === undefined) return refused(new TonearmError('fetch.unexpected-answer', 'the manifest is not JSON'));
  const manifest = parseValue(manifestSchema, parsed, 'manifest');
  if (manifest.ok) return manifest;
  const { field } = manifest.error;
  const details = field === undefined ? {} : { field };
  return refused(new TonearmError('fetch.unexpected-answer', manifest.error.message, details));
}

/** Exactly the bytes that were asked for, or a refusal: captive portals and lazy servers answer 200 with something else. */
function readRange(answer: HttpAnswer, range: ByteRange): Result<Uint8Array, TonearmError> {
  if (answer.status !== 206) return refused(errorOf(answer));
  const expected = `bytes ${range.offset}-${range.offset + range.length - 1}/`;
  const given = answer.headers['content-range'] ?? '';
  if (!given.startsWith(expected)) {
    return refused(new TonearmError('fetch.range-mismatch', `asked for "${expected}", got "${given.slice(0, 80)}"`));
  }
  if (answer.body.length !== range.length) {
    const message = `asked for ${range.length} bytes, got ${answer.body.length}`;
    return refused(new TonearmError('fetch.range-mismatch', message));
  }
  return ok(answer.body);
}

/** Our own error when the body is one; else what the status means to a listener. */
function errorOf(answer: HttpAnswer): TonearmError {
  const json = answer.body.length <= ERROR_BYTES_MAX ? parseJson(answer.body) : undefined;
  const inner = typeof json === 'object' && json !== null && 'error' in json ? json.error : json;
  const body = parseValue(errorBodySchema, inner, 'error');
  if (body.ok) return new TonearmError(body.value.code, body.value.message, { context: { status: answer.status } });
  const message = `answered with status ${answer.status}`;
  // Who may not have it is told that it is not there: a fresh token may help (spec section 8.4).
  const isRefusal = answer.status === 401 || answer.status === 403 || answer.status === 404;
  return new TonearmError(isRefusal ? 'content.not-found' : 'fetch.unexpected-answer', message, {
    context: { status: answer.status },
  });
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'));
  } catch {
    return undefined;
  }
}
