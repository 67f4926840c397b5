/**
 * An edge's origin over HTTP: connections that are kept, a time for everything, and no byte more than was asked for.
 * Redirects are not followed: the origin is what it was said to be.
 */
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Origin, OriginAnswer, OriginQuestion } from '#bridge/core/ports/origin';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Bytes, bytes, type Ms } from '#protocol/vocabulary/units';
import { FILE_PATH, HEAD_PATH } from '#protocol/wire/versions';

/** Connections to the origin: those that fetch slices, and two for keys and revocations. */
const SOCKETS_MAX = 66;
const KEEP_ALIVE_MS = 30_000;
/** Of a refusal's body nothing is needed; so much is read to keep the connection. */
const REFUSAL_BYTES_MAX = bytes(64 * 1024);
/** A connection that was kept may have been closed by the other side in this very moment: then it is asked once more. */
const TRIES_MAX = 2;

export interface HttpOriginOptions {
  /** `http://` or `https://`, without a path. */
  readonly url: string;
  /** Without a byte for this long it is given up. */
  readonly silentAfter: Ms;
  /** From the question to the last byte. */
  readonly within: Ms;
}

export interface HttpAnswer extends OriginAnswer {
  readonly status: number;
}

/** GET requests to one origin. */
export class HttpOrigin implements Origin {
  readonly #url: string;
  readonly #options: HttpOriginOptions;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #request: typeof requestHttp;

  constructor(options: HttpOriginOptions) {
    const isSecure = options.url.startsWith('https:');
    const keeping = {
      keepAlive: true,
      keepAliveMsecs: KEEP_ALIVE_MS,
      maxSockets: SOCKETS_MAX,
      scheduling: 'lifo',
    } as const;
    this.#url = options.url.replace(/\/+$/, '');
    this.#options = options;
    this.#agent = isSecure ? new HttpsAgent(keeping) : new HttpAgent(keeping);
    this.#request = isSecure ? requestHttps : requestHttp;
  }

  ask(question: OriginQuestion, authorization: string): Promise<Result<OriginAnswer, TonearmError>> {
    if (question.kind === 'head') {
      return this.get(`${HEAD_PATH}/${question.fileId}`, { authorization }, question.bytesMax);
    }
    const headers = { authorization, range: `bytes=${question.from}-${question.to}` };
    return this.get(`${FILE_PATH}/${question.fileId}`, headers, bytes(question.to - question.from + 1));
  }

  /** @param bytesMax of the body of an answer 200 or 206; a longer one is refused */
  async get(
    path: string,
    headers: Readonly<Record<string, string>>,
    bytesMax: Bytes,
  ): Promise<Result<HttpAnswer, TonearmError>> {
    for (let tries = 1; ; tries += 1) {
      const outcome = await this.#try(path, headers, bytesMax);
      if (outcome.kind === 'answered') return outcome.answer;
      if (outcome.kind === 'failed' || tries >= TRIES_MAX) return refused(outcome.error);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #try(path: string, headers: Readonly<Record<string, string>>, bytesMax: Bytes): Promise<Outcome> {
    return new Promise((resolve) => {
      const request = this.#request(this.#url + path, {
        agent: this.#agent,
        headers,
        timeout: this.#options.silentAfter,
      });
      const giveUp = () => request.destroy(new TonearmError('fetch.timed-out', 'the origin takes too long'));
      const timer = setTimeout(giveUp, this.#options.within);
      const settle = (outcome: Outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      request.on('timeout', giveUp);
      request.on('response', (response) => {
        readBody(response, bytesMax).then((answer) => settle({ kind: 'answered', answer }));
      });
      request.on('error', (cause) => {
        const error = failureOf(cause);
        const isStale = request.reusedSocket && error.code === 'fetch.unreachable';
        settle({ kind: isStale ? 'stale' : 'failed', error });
      });
      request.end();
    });
  }
}

type Outcome =
  | { readonly kind: 'answered'; readonly answer: Result<HttpAnswer, TonearmError> }
  /** The connection was an old one. */
  | { readonly kind: 'stale'; readonly error: TonearmError }
  | { readonly kind: 'failed'; readonly error: TonearmError };

async function readBody(response: IncomingMessage, bytesMax: Bytes): Promise<Result<HttpAnswer, TonearmError>> {
  const status = response.statusCode ?? 0;
  const limit = status === 200 || status === 206 ? bytesMax : REFUSAL_BYTES_MAX;
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > limit) {
        response.destroy();
        return refused(new TonearmError('fetch.unexpected-answer', `the origin sends more than ${limit} bytes`));
      }
      pieces.push(piece);
    }
  } catch (cause) {
    return refused(failureOf(cause));
  }
  const [first] = pieces;
  const body = pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces, length);
  return ok({ status, contentRange: response.headers['content-range'], body });
}

function failureOf(cause: unknown): TonearmError {
  if (cause instanceof TonearmError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TonearmError('fetch.unreachable', `the origin cannot be reached: ${reason}`, { cause });
}
