/**
 * Edges that do with every single question what a scenario says: answer, break off at a byte, stall, trickle, refuse, or
 * send something else. They count what they sent, so that a scenario can say that nothing was sent twice.
 */
import {
  type ChunkSource,
  type FetchWatcher,
  type FileRequest,
  type HeadRequest,
  type PendingFetch,
  type RangeRequest,
  RETRY_AFTER_CONTEXT,
} from '#device/core/ports/chunk-source';
import type { Clock, Timer } from '#protocol/ports/clock';
import { type ErrorCode, TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import type { StoredTrack } from './ogg-segments.ts';

/** What comes of one question. */
export type EdgeAnswer =
  | { readonly kind: 'right' }
  /** The connection is reset after so many bytes. */
  | { readonly kind: 'breaks'; readonly afterBytes: number }
  /** Nothing more after so many bytes; the asker's patience ends it. */
  | { readonly kind: 'stalls'; readonly afterBytes: number }
  /** Every byte comes, and the end of the answer does not. */
  | { readonly kind: 'lingers' }
  /** One byte a second after so many bytes. */
  | { readonly kind: 'trickles'; readonly afterBytes: number }
  | { readonly kind: 'refuses'; readonly code: ErrorCode; readonly retryAfterMs?: number }
  /** As long as it should be, and not what it should be. */
  | { readonly kind: 'lies'; readonly change: (right: Uint8Array) => Uint8Array };

export interface EdgeQuestion {
  readonly url: string;
  readonly fileId: string;
  readonly token: string;
  readonly offset: number;
  readonly length: number;
  readonly atUs: number;
  readonly answer: EdgeAnswer['kind'];
  sentBytes: number;
  outcome: 'open' | 'answered' | ErrorCode;
}

export interface ScriptedEdgesOptions {
  readonly roundTripMs: number;
  readonly bytesPerSecond: number;
  /** As the HTTP source's own: silence that ends a request. */
  readonly timeoutMs: number;
}

const DEFAULTS: ScriptedEdgesOptions = { roundTripMs: 20, bytesPerSecond: 1_000_000, timeoutMs: 5_000 };
/** A socket's piece; small, so that an answer breaks in the middle of a segment as often as between two. */
const PIECE_BYTES = 7_000;
const RIGHT: EdgeAnswer = { kind: 'right' };

type Asked = Pick<EdgeQuestion, 'url' | 'fileId' | 'token' | 'offset' | 'length' | 'atUs'> & {
  readonly number: number;
};

export class ScriptedEdges implements ChunkSource {
  readonly #clock: Clock;
  readonly #tracks: readonly StoredTrack[];
  readonly #options: ScriptedEdgesOptions;
  /** Asked at each question, numbered from 0. Replaceable at any time. */
  script: (asked: Asked) => EdgeAnswer = () => RIGHT;
  readonly asked: EdgeQuestion[] = [];

  constructor(clock: Clock, tracks: readonly StoredTrack[], options: Partial<ScriptedEdgesOptions> = {}) {
    this.#clock = clock;
    this.#tracks = tracks;
    this.#options = { ...DEFAULTS, ...options };
  }

  fetchRange(request: RangeRequest, watcher?: FetchWatcher): PendingFetch<Uint8Array> {
    return this.#ask(request, request.range.offset, request.range.length, watcher);
  }

  fetchHead(request: HeadRequest, watcher?: FetchWatcher): PendingFetch<Uint8Array> {
    return this.#ask(request, 0, request.length, watcher);
  }

  /** Of all answers, what went over the wires. */
  sentBytes(): number {
    return this.asked.reduce((sum, question) => sum + question.sentBytes, 0);
  }

  #ask(
    { edgeUrl: url, fileId, token }: FileRequest,
    offset: number,
    length: number,
    watcher: FetchWatcher | undefined,
  ): PendingFetch<Uint8Array> {
    const asked = { url, fileId, token, offset, length, atUs: this.#clock.nowUs(), number: this.asked.length };
    const answer = this.script(asked);
    const question: EdgeQuestion = { ...asked, answer: answer.kind, sentBytes: 0, outcome: 'open' };
    this.asked.push(question);
    const exchange = new Exchange(this.#clock, this.#options, question, watcher);
    exchange.run(answer, this.#bytesOf(question));
    return { outcome: exchange.outcome, cancel: () => exchange.refuse('fetch.cancelled') };
  }

  #bytesOf({ fileId, offset, length }: EdgeQuestion): Uint8Array | null {
    const track = this.#tracks.find(({ manifest }) => manifest.files.some((file) => file.fileId === fileId));
    if (track === undefined || offset + length > track.stored.length) return null;
    return track.stored.slice(offset, offset + length);
  }
}

class Exchange {
  readonly #clock: Clock;
  readonly #options: ScriptedEdgesOptions;
  readonly #question: EdgeQuestion;
  readonly #watcher: FetchWatcher | undefined;
  readonly #settled = Promise.withResolvers<Result<Uint8Array, TonearmError>>();
  #timer: Timer | null = null;

  constructor(clock: Clock, options: ScriptedEdgesOptions, question: EdgeQuestion, watcher: FetchWatcher | undefined) {
    this.#clock = clock;
    this.#options = options;
    this.#question = question;
    this.#watcher = watcher;
  }

  get outcome(): Promise<Result<Uint8Array, TonearmError>> {
    return this.#settled.promise;
  }

  run(answer: EdgeAnswer, right: Uint8Array | null): void {
    this.#after(this.#options.roundTripMs, () => {
      if (answer.kind === 'refuses') this.refuse(answer.code, answer.retryAfterMs);
      else if (right === null) this.refuse('content.range-refused');
      else this.#send(answer, answer.kind === 'lies' ? answer.change(right) : right);
    });
  }

  refuse(code: ErrorCode, retryAfterMs?: number): void {
    const context = retryAfterMs === undefined ? {} : { [RETRY_AFTER_CONTEXT]: retryAfterMs };
    this.#settle(refused(new TonearmError(code, 'a scripted edge', { context })));
  }

  #send(answer: EdgeAnswer, data: Uint8Array): void {
    const sent = this.#question.sentBytes;
    const until = 'afterBytes' in answer ? Math.min(answer.afterBytes, data.length) : data.length;
    if (sent < until) {
      const piece = data.slice(sent, Math.min(until, sent + PIECE_BYTES));
      this.#after((piece.length * 1000) / this.#options.bytesPerSecond, () => this.#hand(answer, data, piece));
      return;
    }
    if (answer.kind === 'breaks') this.refuse('fetch.unreachable');
    else if (sent === data.length && answer.kind !== 'lingers') this.#settle(ok(data));
    else if (answer.kind === 'stalls' || answer.kind === 'lingers')
      this.#after(this.#options.timeoutMs, () => this.refuse('fetch.timed-out'));
    else this.#after(1_000, () => this.#hand(answer, data, data.slice(sent, sent + 1)));
  }

  #hand(answer: EdgeAnswer, data: Uint8Array, piece: Uint8Array): void {
    this.#question.sentBytes += piece.length;
    this.#watcher?.arrived(piece);
    if (this.#question.outcome === 'open') this.#send(answer, data);
  }

  #after(delayMs: number, then: () => void): void {
    this.#timer = this.#clock.setTimer('scripted-edge', ms(delayMs), then);
  }

  #settle(result: Result<Uint8Array, TonearmError>): void {
    if (this.#question.outcome !== 'open') return;
    this.#question.outcome = result.ok ? 'answered' : result.error.code;
    this.#timer?.cancel();
    this.#settled.resolve(result);
  }
}
