/**
 * One HTTP request with every wait and every length bounded: connection, first byte, silence in between, size of the answer.
 *
 * `node:http` and not `fetch`: the latter brings 20 MB of memory with it, and hides which of the waits ran out.
 */
import type { IncomingMessage } from 'node:http';
import type { PendingFetch } from '#device/core/ports/chunk-source';
import type { Clock, Timer } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import type { HttpAgents } from './http-agents.ts';

/** From asking to the answer's first byte, connecting included; a bridge in the house needs a few ms, a far edge 500. */
export const FIRST_BYTE_TIMEOUT_MS = ms(5_000);
/** Silence in the middle of an answer. */
export const IDLE_TIMEOUT_MS = ms(5_000);

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Uint8Array;
}

export interface HttpQuestion {
  readonly url: string;
  /** SHA-256 of the public key that must answer; absent: whoever the address leads to. */
  readonly pin?: Uint8Array;
  /** JSON to be posted; absent: a GET. */
  readonly postedJson?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A longer body is refused, and not read to its end. */
  readonly bodyBytesMax: number;
  /** Told of each piece of the body as it comes. */
  readonly pieceArrived?: (piece: Uint8Array, head: Pick<HttpAnswer, 'status' | 'headers'>) => void;
}

/** @returns the answer whatever its status, or `fetch.unreachable`, `fetch.timed-out`, `fetch.unexpected-answer`, `fetch.cancelled` */
export function httpRequest(
  ports: { readonly clock: Clock; readonly agents: HttpAgents },
  question: HttpQuestion,
): PendingFetch<HttpAnswer> {
  const exchange = new Exchange(ports.clock, question);
  return { outcome: exchange.run(ports.agents), cancel: () => exchange.cancel() };
}

class Exchange {
  readonly #clock: Clock;
  readonly #question: HttpQuestion;
  #timer: Timer | null = null;
  #abort: () => void = () => {};
  #settle: (outcome: Result<HttpAnswer, TonearmError>) => void = () => {};
  #isSettled = false;

  constructor(clock: Clock, question: HttpQuestion) {
    this.#clock = clock;
    this.#question = question;
  }

  run(agents: HttpAgents): Promise<Result<HttpAnswer, TonearmError>> {
    const outcome = new Promise<Result<HttpAnswer, TonearmError>>((resolve) => {
      this.#settle = resolve;
    });
    const { url, pin, headers, postedJson } = this.#question;
    const method = postedJson === undefined ? 'GET' : 'POST';
    try {
      const asker = agents.askerFor(url, pin);
      const request = asker.request(url, { method, headers, agent: asker.agent, lookup: asker.lookup }, (answer) =>
        this.#read(answer),
      );
      request.on('error', (error) => this.#refuse('fetch.unreachable', `${hostOf(url)}: ${error.message}`, error));
      this.#abort = () => request.destroy();
      this.#arm(FIRST_BYTE_TIMEOUT_MS, 'no answer');
      request.end(postedJson);
    } catch (thrown) {
      this.#refuse('fetch.unreachable', `cannot ask ${url}`, thrown);
    }
    return outcome;
  }

  cancel(): void {
    this.#refuse('fetch.cancelled', 'not wanted any more');
  }

  #read(answer: IncomingMessage): void {
    const pieces: Uint8Array[] = [];
    const head = { status: answer.statusCode ?? 0, headers: answer.headers };
    let sizeBytes = 0;
    this.#arm(IDLE_TIMEOUT_MS, 'the answer stopped');
    answer.on('data', (piece: Uint8Array) => {
      this.#arm(IDLE_TIMEOUT_MS, 'the answer stopped');
      sizeBytes += piece.length;
      pieces.push(piece);
      if (sizeBytes <= this.#question.bodyBytesMax) {
        if (!this.#isSettled) this.#question.pieceArrived?.(piece, head);
        return;
      }
      this.#refuse('fetch.unexpected-answer', `the answer is longer than ${this.#question.bodyBytesMax} bytes`);
    });
    answer.on('end', () => {
      // `end` without `complete` is a connection that closed early.
      if (!answer.complete) this.#refuse('fetch.unreachable', 'the connection closed in the middle of the answer');
      else this.#finish(ok({ ...head, body: Buffer.concat(pieces) }));
    });
    answer.on('error', (error) => this.#refuse('fetch.unreachable', error.message, error));
    answer.on('close', () => this.#refuse('fetch.unreachable', 'the connection closed in the middle of the answer'));
  }

  #arm(limit: typeof IDLE_TIMEOUT_MS, problem: string): void {
    this.#timer?.cancel();
    if (this.#isSettled) return;
    this.#timer = this.#clock.setTimer('http.timeout', limit, () => {
      this.#refuse('fetch.timed-out', `${hostOf(this.#question.url)}: ${problem} for ${limit} ms`);
    });
  }

  #refuse(
    code: 'fetch.unreachable' | 'fetch.timed-out' | 'fetch.unexpected-answer' | 'fetch.cancelled',
    message: string,
    cause?: unknown,
  ): void {
    if (this.#isSettled) return;
    this.#finish(refused(new TonearmError(code, message, cause === undefined ? {} : { cause })));
    this.#abort();
  }

  #finish(outcome: Result<HttpAnswer, TonearmError>): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#timer?.cancel();
    this.#settle(outcome);
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
