/**
 * Several edges in memory, each in a mood of its own that may change at any moment: what a speaker meets in the world
 * when it fetches music. Answers come in pieces, as they do from a socket; the waits are those of the HTTP source.
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

/**
 * `dead`: refuses connections, and breaks those that are open. `silent`: never answers. `trickling`: 1 byte a second.
 * `stalling`: nothing after 90 %. `breaking`: closes after 90 %. `lying`: another range. `portal`: a page of HTML, or a
 * CDN's 530. `corrupt`: one bit of each answer is wrong. `headless`: keeps no heads. `empty`: has no file.
 */
export const EDGE_MOODS = [
  'good',
  'dead',
  'silent',
  'trickling',
  'stalling',
  'breaking',
  'lying',
  'portal',
  'corrupt',
  'headless',
  'empty',
  'shedding',
  'refusing-tokens',
] as const;
export type EdgeMood = (typeof EDGE_MOODS)[number];

export interface MoodyEdgesOptions {
  readonly roundTripMs: number;
  readonly bytesPerSecond: number;
  /** What `shedding` asks for. */
  readonly retryAfterMs: number;
  /** As the HTTP source's own. */
  readonly timeoutMs: number;
}

const DEFAULTS: MoodyEdgesOptions = {
  roundTripMs: 5,
  bytesPerSecond: 5_000_000,
  retryAfterMs: 7_000,
  timeoutMs: 5_000,
};
const PIECES = 10;
const STALLS_AFTER_PIECES = 9;

export interface EdgeQuestion {
  readonly url: string;
  readonly kind: 'head' | 'range';
  readonly offset: number;
  readonly length: number;
  readonly atUs: number;
  /** As it was decided when the question came; a `dead` that came later shows in `outcome` alone. */
  readonly mood: EdgeMood;
  outcome: 'open' | 'answered' | ErrorCode;
}

export class MoodyEdges implements ChunkSource {
  readonly #clock: Clock;
  readonly #options: MoodyEdgesOptions;
  readonly #tracks: readonly StoredTrack[];
  readonly #moods = new Map<string, EdgeMood>();
  readonly #exchanges = new Set<{ readonly url: string; readonly end: (code: ErrorCode) => void }>();
  readonly asked: EdgeQuestion[] = [];
  /** Requests under way at once, at most. */
  openMax = 0;

  constructor(clock: Clock, tracks: readonly StoredTrack[], options: Partial<MoodyEdgesOptions> = {}) {
    this.#clock = clock;
    this.#tracks = tracks;
    this.#options = { ...DEFAULTS, ...options };
  }

  /** @param url '' is the bridge */
  setMood(url: string, mood: EdgeMood): void {
    this.#moods.set(url, mood);
    if (mood !== 'dead') return;
    for (const exchange of [...this.#exchanges]) if (exchange.url === url) exchange.end('fetch.unreachable');
  }

  fetchRange(request: RangeRequest, watcher?: FetchWatcher): PendingFetch<Uint8Array> {
    return this.#ask('range', request, request.range, watcher);
  }

  fetchHead(request: HeadRequest, watcher?: FetchWatcher): PendingFetch<Uint8Array> {
    return this.#ask('head', request, { offset: 0, length: request.length }, watcher);
  }

  /** Of all questions, those to one edge. */
  askedOf(url: string): readonly EdgeQuestion[] {
    return this.asked.filter((question) => question.url === url);
  }

  #ask(
    kind: 'head' | 'range',
    request: FileRequest,
    { offset, length }: { readonly offset: number; readonly length: number },
    watcher: FetchWatcher | undefined,
  ): PendingFetch<Uint8Array> {
    const url = request.edgeUrl;
    const mood = this.#moods.get(url) ?? 'good';
    const question: EdgeQuestion = { url, kind, offset, length, atUs: this.#clock.nowUs(), mood, outcome: 'open' };
    this.asked.push(question);
    const { promise: outcome, resolve } = Promise.withResolvers<Result<Uint8Array, TonearmError>>();
    let timer: Timer | null = null;
    const settle = (result: Result<Uint8Array, TonearmError>): void => {
      if (question.outcome !== 'open') return;
      question.outcome = result.ok ? 'answered' : result.error.code;
      timer?.cancel();
      this.#exchanges.delete(exchange);
      resolve(result);
    };
    const after = (delayMs: number, then: () => void): void => {
      timer = this.#clock.setTimer('moody-edge', ms(delayMs), then);
    };
    const exchange = { url, end: (code: ErrorCode) => settle(this.#refusal(code)) };
    this.#exchanges.add(exchange);
    this.openMax = Math.max(this.openMax, this.#exchanges.size);
    const data = this.#dataOf(request, offset, length, mood);
    after(mood === 'silent' ? this.#options.timeoutMs : this.#options.roundTripMs, () => {
      const code = refusalOf(mood, kind, data);
      if (code !== null || data === null) settle(this.#refusal(code ?? 'content.not-found'));
      else this.#send({ data, mood, watcher, after, settle }, 0);
    });
    return { outcome, cancel: () => exchange.end('fetch.cancelled') };
  }

  #send(
    answer: {
      readonly data: Uint8Array;
      readonly mood: EdgeMood;
      readonly watcher: FetchWatcher | undefined;
      readonly after: (delayMs: number, then: () => void) => void;
      readonly settle: (result: Result<Uint8Array, TonearmError>) => void;
    },
    piece: number,
  ): void {
    const { data, mood, watcher, after, settle } = answer;
    if (piece === STALLS_AFTER_PIECES && mood === 'breaking') {
      settle(this.#refusal('fetch.unreachable'));
      return;
    }
    if (piece === STALLS_AFTER_PIECES && mood === 'stalling') {
      after(this.#options.timeoutMs, () => settle(this.#refusal('fetch.timed-out')));
      return;
    }
    const size = Math.ceil(data.length / PIECES);
    const bytesPerSecond = mood === 'trickling' ? 1 : this.#options.bytesPerSecond;
    watcher?.arrived(data.slice(piece * size, (piece + 1) * size));
    after((size * 1000) / bytesPerSecond, () => {
      if (piece + 1 === PIECES) settle(ok(data));
      else this.#send(answer, piece + 1);
    });
  }

  #dataOf(request: FileRequest, offset: number, length: number, mood: EdgeMood): Uint8Array | null {
    const track = this.#tracks.find(({ manifest }) => manifest.files.some(({ fileId }) => fileId === request.fileId));
    if (track === undefined || offset + length > track.stored.length) return null;
    const data = track.stored.slice(offset, offset + length);
    const middle = length >> 1;
    if (mood === 'corrupt') data[middle] = (data[middle] ?? 0) ^ 1;
    return data;
  }

  #refusal(code: ErrorCode): Result<never, TonearmError> {
    const context = code === 'content.overloaded' ? { [RETRY_AFTER_CONTEXT]: this.#options.retryAfterMs } : {};
    return refused(new TonearmError(code, 'a moody edge', { context }));
  }
}

/** What such an edge refuses a question with; null: it answers. `data`: what it has. */
export function refusalOf(mood: EdgeMood, kind: 'head' | 'range', data: Uint8Array | null): ErrorCode | null {
  switch (mood) {
    case 'dead':
      return 'fetch.unreachable';
    case 'silent':
      return 'fetch.timed-out';
    case 'lying':
      return 'fetch.range-mismatch';
    case 'portal':
      return 'fetch.unexpected-answer';
    case 'shedding':
      return 'content.overloaded';
    case 'refusing-tokens':
      return 'content.token-refused';
    case 'empty':
      return 'content.not-found';
    case 'headless':
      return kind === 'head' ? 'content.not-found' : null;
    default:
      return data === null ? 'content.range-refused' : null;
  }
}
