/** Manifests, heads and byte ranges over HTTP: from the bridge of the moment, or from the edge that a manifest names. Spec section 8. */
import {
  type BridgeLocator,
  type BridgeTrust,
  type ByteRange,
  type ChunkSource,
  type EdgeReportSink,
  type FetchWatcher,
  type FileRequest,
  type ManifestSource,
  type PendingFetch,
  RETRY_AFTER_CONTEXT,
} from '#device/core/ports/chunk-source';
import type { Clock } from '#protocol/ports/clock';
import { type ErrorCode, TonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { EdgeReport } from '#protocol/wire/edge-report';
import { errorBodySchema } from '#protocol/wire/error-body';
import { MANIFEST_BYTES_MAX, type Manifest, manifestSchema } from '#protocol/wire/manifest';
import { parseValue } from '#protocol/wire/schema';
import { EDGE_REPORT_PATH, FILE_PATH, HEAD_PATH, MANIFEST_PATH, SPEAKER_HEADER } from '#protocol/wire/versions';
import { createHttpAgents } from './http-agents.ts';
import { type HttpAnswer, httpRequest } from './http-request.ts';

/** An error's body beside what was asked for. */
const ERROR_BYTES_MAX = 64 * 1024;

export interface HttpContentSource extends ManifestSource, ChunkSource, BridgeLocator, EdgeReportSink {
  /** Closes the connections that are kept. */
  close(): void;
}

export function createHttpContentSource(clock: Clock): HttpContentSource {
  const agents = createHttpAgents();
  const ports = { clock, agents };
  let bridgeUrl: string | null = null;
  let speaker: SpeakerId | undefined;
  let trusted: BridgeTrust = {};
  const whoAsks = (): Record<string, string> => ({
    ...(speaker === undefined ? {} : { [SPEAKER_HEADER]: speaker }),
    ...(trusted.accessToken === undefined ? {} : { authorization: `Bearer ${trusted.accessToken}` }),
  });
  /** Also where a manifest names the bridge as one of its edges. */
  const pinFor = (url: string): Pick<BridgeTrust, 'pin'> =>
    trusted.pin !== undefined && bridgeUrl !== null && url.startsWith(`${bridgeUrl}/`) ? { pin: trusted.pin } : {};

  /** Asks for bytes of a stored object, and hands on those that are what was asked for. */
  const ask = (question: Question, watcher: FetchWatcher | undefined): PendingFetch<Uint8Array> => {
    const { file, path, headers, expected } = question;
    const base = file.edgeUrl === '' ? bridgeUrl : file.edgeUrl;
    if (base === null) return noBridge();
    const url = `${base}${path}/${file.fileId}`;
    const request = httpRequest(ports, {
      url,
      ...pinFor(url),
      headers: { ...headers, authorization: `Bearer ${file.token}` },
      bodyBytesMax: Math.max(expected.length, ERROR_BYTES_MAX),
      pieceArrived: (piece, head) => {
        if (checkHead(head, expected) === null) watcher?.arrived(piece);
      },
    });
    return {
      outcome: request.outcome.then((outcome) => (outcome.ok ? readBytes(outcome.value, expected) : outcome)),
      cancel: request.cancel,
    };
  };

  return {
    setBridge: (url, speakerId, trust = {}) => {
      bridgeUrl = url;
      speaker = speakerId;
      trusted = trust;
    },
    fetchManifest: (trackId) => {
      if (bridgeUrl === null) return noBridge();
      const url = `${bridgeUrl}${MANIFEST_PATH}/${trackId}`;
      const request = httpRequest(ports, {
        url,
        ...pinFor(url),
        headers: whoAsks(),
        bodyBytesMax: MANIFEST_BYTES_MAX,
      });
      return {
        outcome: request.outcome.then((outcome) => (outcome.ok ? readManifest(outcome.value) : outcome)),
        cancel: request.cancel,
      };
    },
    fetchRange: ({ range, ...file }, watcher) => {
      const headers = { range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
      return ask({ file, path: FILE_PATH, headers, expected: { kind: 'range', ...range } }, watcher);
    },
    fetchHead: ({ length, ...file }, watcher) =>
      ask({ file, path: HEAD_PATH, headers: {}, expected: { kind: 'head', length } }, watcher),
    reportEdges: (edges) => {
      if (bridgeUrl === null || speaker === undefined) return;
      const report: EdgeReport = { speakerId: speaker, edges: [...edges] };
      const headers = { ...whoAsks(), 'content-type': 'application/json' };
      const url = `${bridgeUrl}${EDGE_REPORT_PATH}`;
      // Whatever comes of it: the next report says more.
      httpRequest(ports, {
        url,
        ...pinFor(url),
        headers,
        postedJson: JSON.stringify(report),
        bodyBytesMax: ERROR_BYTES_MAX,
      });
    },
    close: () => agents.close(),
  };
}

/** The one right answer to a question. */
type Expected = ({ readonly kind: 'range' } & ByteRange) | { readonly kind: 'head'; readonly length: number };

interface Question {
  readonly file: FileRequest;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expected: Expected;
}

function noBridge(): PendingFetch<never> {
  const error = new TonearmError('fetch.unreachable', 'the bridge is not known yet');
  return { outcome: Promise.resolve(refused(error)), cancel: () => {} };
}

function readManifest(answer: HttpAnswer): Result<Manifest, TonearmError> {
  if (answer.status === 401) {
    // The next welcome brings a token; until then it is asked for again.
    return refused(new TonearmError('fetch.unexpected-answer', 'the bridge wants another access token'));
  }
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
function readBytes(answer: HttpAnswer, expected: Expected): Result<Uint8Array, TonearmError> {
  const problem = checkHead(answer, expected);
  if (problem === 'status') return refused(errorOf(answer));
  if (problem !== null) return refused(new TonearmError('fetch.range-mismatch', problem));
  if (answer.body.length !== expected.length) {
    const message = `asked for ${expected.length} bytes, got ${answer.body.length}`;
    return refused(new TonearmError('fetch.range-mismatch', message));
  }
  return ok(answer.body);
}

/** @returns null when what follows can be what was asked for, `status` when it is another kind of answer, else why not */
function checkHead({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>, expected: Expected): string | null {
  if (status !== (expected.kind === 'range' ? 206 : 200)) return 'status';
  const length = headers['content-length'];
  if (length !== undefined && Number(length) !== expected.length) {
    return `asked for ${expected.length} bytes, got "${length.slice(0, 20)}"`;
  }
  if (expected.kind === 'head') return null;
  const range = `bytes ${expected.offset}-${expected.offset + expected.length - 1}/`;
  const given = headers['content-range'] ?? '';
  return given.startsWith(range) ? null : `asked for "${range}", got "${given.slice(0, 80)}"`;
}

/** Our own error when the body is one; else what the status means to a listener. */
function errorOf(answer: HttpAnswer): TonearmError {
  const json = answer.body.length <= ERROR_BYTES_MAX ? parseJson(answer.body) : undefined;
  const inner = typeof json === 'object' && json !== null && 'error' in json ? json.error : json;
  const body = parseValue(errorBodySchema, inner, 'error');
  const context = { status: answer.status, ...retryAfter(answer) };
  if (body.ok) return new TonearmError(body.value.code, body.value.message, { context });
  return new TonearmError(codeOfStatus(answer.status), `answered with status ${answer.status}`, { context });
}

/** Who may not have it is refused a token, and a fresh one may help (spec section 8.4). */
function codeOfStatus(status: number): ErrorCode {
  switch (status) {
    case 401:
    case 403:
      return 'content.token-refused';
    case 404:
      return 'content.not-found';
    case 429:
    case 503:
      return 'content.overloaded';
    default:
      return 'fetch.unexpected-answer';
  }
}

/** Only of servers that have too much to do, and only in seconds: a date would need a right calendar. */
function retryAfter({ status, headers }: HttpAnswer): Record<string, number> {
  const text = headers['retry-after'];
  if ((status !== 503 && status !== 429) || text === undefined || !/^\d{1,6}$/.test(text)) return {};
  return { [RETRY_AFTER_CONTEXT]: Number(text) * 1000 };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'));
  } catch {
    return undefined;
  }
}
