/**
 * Signed requests to an S3 server, tried again while it may help. Bodies are buffers no larger than one part of an
 * upload, so every request can be sent again as it was; answers that are not objects have a limit.
 */
import { createHash } from 'node:crypto';
import { Agent as HttpAgent, type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { fullJitter } from '#protocol/kit/retry-schedule';
import type { Clock } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { element } from './s3-answers.ts';
import { encodePath, encodeQuery, type S3Credentials, sha256Hex, signRequest } from './sign-request.ts';

/** Tries of one request: with the waits below a store may be away for some 3 s. */
const TRIES_MAX = 6;
/** First and longest ceiling of the waits between tries: what S3's own clients use. */
const RETRY = { baseMs: ms(100), capMs: ms(5_000) };
/** Without a byte in either direction for so long, a connection is given up. */
const STALL_MS = ms(15_000);
/** A listing of 1,000 keys is some 400 kB. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** Requests under way at once: of those that play, and one ingest. */
const SOCKETS_MAX = 32;
const PASSING_STATUSES = new Set([408, 429, 500, 502, 503, 504]);
const PASSING_CODES = new Set(['SlowDown', 'InternalError', 'RequestTimeout', 'ServiceUnavailable', 'BadDigest']);
const FULL_CODES = new Set(['XMinioStorageFull', 'QuotaExceeded', 'InsufficientStorage']);

export interface S3Place {
  /** `https://host[:port]`, without a path. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
}

export interface S3ClientPorts {
  readonly clock: Pick<Clock, 'wallMs' | 'setTimer'>;
  readonly random: Random;
}

export interface S3ClientOptions {
  readonly place: S3Place;
  readonly credentials: S3Credentials;
  /** For tests of a server that falls silent. */
  readonly stallMs?: Ms;
}

export interface S3Request {
  readonly method: 'GET' | 'PUT' | 'POST' | 'HEAD' | 'DELETE';
  /** Of the object; empty: the bucket. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface S3Answer {
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** A failure of one try, and whether another may do better. */
export class S3Failure extends Error {
  readonly error: TonearmError;
  readonly isPassing: boolean;

  constructor(error: TonearmError, isPassing: boolean) {
    super(error.message);
    this.error = error;
    this.isPassing = isPassing;
  }
}

export class S3Client {
  readonly #ports: S3ClientPorts;
  readonly #options: S3ClientOptions;
  readonly #endpoint: URL;
  readonly #agent: HttpAgent;
  readonly #request: typeof requestHttp;

  constructor(ports: S3ClientPorts, options: S3ClientOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#endpoint = new URL(options.place.endpoint);
    const isSecure = this.#endpoint.protocol === 'https:';
    const agentOptions = { keepAlive: true, maxSockets: SOCKETS_MAX };
    this.#agent = isSecure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
    this.#request = isSecure ? requestHttps : requestHttp;
  }

  /** @throws TonearmError `content.not-found`, `storage.full`, or `storage.failed` when it stays so */
  async ask(request: S3Request): Promise<S3Answer> {
    return await this.persist(async () => {
      const answer = await this.send(request);
      const body = await readBody(answer);
      // A completed upload answers 200 before it knows, and may say in the body that it failed.
      const code = body.length > 0 && request.method === 'POST' ? errorCodeIn(body) : null;
      if (code !== null) throw failureOf(200, code);
      checkEtag(request, answer.headers);
      return { headers: answer.headers, body };
    });
  }

  /** Tries again with full jitter while a failure is passing. */
  async persist<Value>(attempt: () => Promise<Value>): Promise<Value> {
    const waits = fullJitter(this.#ports.random, RETRY);
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt();
      } catch (thrown) {
        if (!(thrown instanceof S3Failure)) throw thrown;
        if (!thrown.isPassing || tries >= TRIES_MAX) throw thrown.error;
        await new Promise<void>((resolve) => this.#ports.clock.setTimer('s3 retry', waits.next(), resolve));
      }
    }
  }

  /** One try. @returns an answer below 300 whose body has not been read; throws `S3Failure` for all others */
  async send(request: S3Request): Promise<IncomingMessage> {
    const { credentials, place } = this.#options;
    const path = `/${place.bucket}${request.key === '' ? '' : `/${request.key}`}`;
    const body = request.body ?? new Uint8Array(0);
    const unsigned = {
      method: request.method,
      host: this.#endpoint.host,
      path,
      query: request.query ?? {},
      headers: { ...request.headers, ...(request.body === undefined ? {} : { 'content-length': String(body.length) }) },
      payloadSha256Hex: sha256Hex(body),
    };
    const headers = signRequest(unsigned, credentials, { region: place.region, wallMs: this.#ports.clock.wallMs() });
    const query = encodeQuery(unsigned.query);
    const target = `${encodePath(path)}${query === '' ? '' : `?${query}`}`;
    const answer = await this.#exchange(request.method, target, headers, body);
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    // An answer to HEAD has no body to say more.
    const text = await readBody(answer).catch(() => new Uint8Array(0));
    throw failureOf(status, errorCodeIn(text));
  }

  /** Ends idle connections. */
  close(): void {
    this.#agent.destroy();
  }

  #exchange(
    method: string,
    target: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { protocol, hostname, port } = this.#endpoint;
      const address = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, agent: this.#agent };
      const sent = this.#request({ ...address, method, path: target, headers }, resolve);
      sent.setTimeout(this.#options.stallMs ?? STALL_MS, () => sent.destroy(new Error('it fell silent')));
      sent.on('error', (cause) => reject(unreachable(cause)));
      sent.end(body);
    });
  }
}

/** The answer's body was cut, or nothing answered. */
export function unreachable(cause: unknown): S3Failure {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new S3Failure(new TonearmError('storage.failed', `the S3 store does not answer: ${reason}`, { cause }), true);
}

function failureOf(status: number, code: string | null): S3Failure {
  const said = `${status}${code === null ? '' : ` ${code}`}`;
  const context = { status, ...(code === null ? {} : { s3Code: code }) };
  if (status === 507 || FULL_CODES.has(code ?? '')) {
    return new S3Failure(new TonearmError('storage.full', `no room in the S3 store (${said})`, { context }), false);
  }
  if (status === 404 && code !== 'NoSuchBucket') {
    return new S3Failure(new TonearmError('content.not-found', 'no such file', { context }), false);
  }
  const isKey = status === 401 || status === 403;
  const why = isKey ? 'refuses our key, or its clock and ours differ' : 'failed';
  const isPassing = PASSING_STATUSES.has(status) || PASSING_CODES.has(code ?? '');
  return new S3Failure(new TonearmError('storage.failed', `the S3 store ${why} (${said})`, { context }), isPassing);
}

/**
 * What was stored is what was sent: the ETag of a plain upload is its MD5. Stores that encrypt with keys of a customer
 * give another kind of ETag and say so; for them the signed hash of the payload has to do.
 */
function checkEtag(request: S3Request, headers: IncomingHttpHeaders): void {
  if (request.method !== 'PUT' || request.body === undefined) return;
  const encryption = headers['x-amz-server-side-encryption'];
  const isOpaque = encryption === 'aws:kms' || 'x-amz-server-side-encryption-customer-algorithm' in headers;
  const etag = /^"?([0-9a-f]{32})"?$/.exec(headers.etag ?? '')?.[1];
  if (isOpaque || etag === undefined) return;
  if (etag === createHash('md5').update(request.body).digest('hex')) return;
  throw new S3Failure(new TonearmError('storage.failed', 'the S3 store kept other bytes than were sent'), true);
}

async function readBody(answer: IncomingMessage): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of answer as AsyncIterable<Uint8Array>) {
      size += piece.length;
      if (size > ANSWER_BYTES_MAX) throw new Error(`an answer of more than ${ANSWER_BYTES_MAX} bytes`);
      pieces.push(piece);
    }
  } catch (cause) {
    throw unreachable(cause);
  }
  return Buffer.concat(pieces);
}

function errorCodeIn(body: Uint8Array): string | null {
  const text = new TextDecoder().decode(body);
  const code = text.includes('<Error>') ? element(text, 'Code') : null;
  return code !== null && /^[A-Za-z0-9.]{1,64}$/.test(code) ? code : null;
}
