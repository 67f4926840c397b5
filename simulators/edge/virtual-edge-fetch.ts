/**
 * One question to a virtual edge and its answer, piece by piece, each under way through the virtual network; the waits at
 * which a speaker gives up are those of its HTTP source.
 */
import type { FetchWatcher } from '#device/core/ports/chunk-source';
import type { Clock, Timer } from '#protocol/ports/clock';
import { type ErrorCode, TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { VirtualNetwork } from '#sim/network/virtual-transport';

/** As `device/adapters/http-content-source`: for the first byte, and between any two. */
const SILENCE_MAX: Ms = ms(5_000);
/** How often a held-back packet is sent again, as TCP does. */
const RESEND_EVERY: Ms = ms(200);
const QUESTION_BYTES = 600;
const MS_PER_SECOND = 1_000;
/** Of a coded track; some dozen of its packets, so that an answer breaks in the middle of a segment. */
const PIECE_BYTES = 400;

/** What an edge does with a question. */
export type EdgeAnswer =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refusal'; readonly error: TonearmError }
  | {
      readonly kind: 'bytes';
      readonly data: Uint8Array;
      readonly firstByteAfter: Ms;
      readonly bytesPerSecond: number;
      /** It ends early, after so many bytes: broken, or without a word. */
      readonly ends?: { readonly afterBytes: number; readonly isBroken: boolean };
    };

type Bytes = Extract<EdgeAnswer, { kind: 'bytes' }>;

export interface EdgeRoute {
  readonly from: string;
  readonly url: string;
  /** One way, beyond what the network itself takes. */
  readonly distance: Ms;
}

export class VirtualEdgeFetch {
  /** Whom it asks, as the network knows it; the name itself while nobody knows it. */
  readonly place: string;
  readonly #clock: Clock;
  readonly #network: VirtualNetwork;
  readonly #route: EdgeRoute;
  readonly #watcher: FetchWatcher | undefined;
  readonly #ended: () => void;
  readonly #settled = Promise.withResolvers<Result<Uint8Array, TonearmError>>();
  #step: Timer | null = null;
  #silence: Timer | null = null;
  #isOver = false;

  /** @param answer asked when the question has got there */
  constructor(
    world: { readonly clock: Clock; readonly network: VirtualNetwork },
    route: EdgeRoute,
    answer: () => EdgeAnswer,
    watcher: FetchWatcher | undefined,
    ended: () => void,
  ) {
    this.#clock = world.clock;
    this.#network = world.network;
    this.#route = route;
    this.#watcher = watcher;
    this.#ended = ended;
    const { address, takes } = world.network.names.lookUp(route.from, route.url);
    this.place = address ?? route.url;
    this.#hear();
    this.#travel(ms(takes + this.#delay(route.from, this.place, QUESTION_BYTES)), 'question', () => {
      if (address === null) this.refuse('fetch.unreachable');
      else this.#take(answer());
    });
  }

  get outcome(): Promise<Result<Uint8Array, TonearmError>> {
    return this.#settled.promise;
  }

  refuse(code: ErrorCode): void {
    this.#settle(refused(new TonearmError(code, `${this.#route.url}: a virtual edge`)));
  }

  #take(answer: EdgeAnswer): void {
    if (answer.kind === 'nothing') return;
    const back = this.#delay(this.place, this.#route.from, QUESTION_BYTES);
    if (answer.kind === 'refusal') this.#travel(back, 'answer', () => this.#settle(refused(answer.error)));
    else this.#travel(ms(back + answer.firstByteAfter), 'answer', () => this.#send(answer, 0));
  }

  #send(answer: Bytes, sentBytes: number): void {
    const { data, ends, bytesPerSecond } = answer;
    if (sentBytes === data.length) {
      this.#settle(ok(data));
      return;
    }
    if (sentBytes === ends?.afterBytes) {
      if (ends.isBroken) this.refuse('fetch.unreachable');
      return;
    }
    const size = Math.min(PIECE_BYTES, Math.max(1, bytesPerSecond));
    const bytes = data.slice(sentBytes, Math.min(sentBytes + size, ends?.afterBytes ?? data.length));
    const takes = (bytes.length * MS_PER_SECOND) / bytesPerSecond;
    this.#travel(ms(Math.max(takes, this.#network.delay(this.place, this.#route.from, bytes.length))), 'answer', () => {
      this.#hear();
      this.#watcher?.arrived(bytes);
      this.#send(answer, sentBytes + bytes.length);
    });
  }

  #travel(delay: Ms, leg: 'question' | 'answer', arrived: () => void): void {
    this.#step?.cancel();
    if (this.#isOver) return;
    this.#step = this.#clock.setTimer(`edge ${this.#route.from} → ${this.place}`, delay, () => {
      const way = this.#network.wayTo(this.#route.from, this.place, leg);
      if (way === 'silent') this.#travel(RESEND_EVERY, leg, arrived);
      else if (way === 'open') arrived();
      else this.refuse('fetch.unreachable');
    });
  }

  #delay(from: string, to: string, sizeBytes: number): Ms {
    return ms(this.#route.distance + this.#network.delay(from, to, sizeBytes));
  }

  /** Something was heard: the wait for the next begins. */
  #hear(): void {
    this.#silence?.cancel();
    this.#silence = this.#clock.setTimer(`edge silence ${this.#route.from}`, SILENCE_MAX, () =>
      this.refuse('fetch.timed-out'),
    );
  }

  #settle(result: Result<Uint8Array, TonearmError>): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#step?.cancel();
    this.#silence?.cancel();
    this.#ended();
    this.#settled.resolve(result);
  }
}
