/**
 * What a place's link to everybody else is like: how far away it is, how much it carries at which time, and what it loses.
 * As a transport sees it: a packet that is lost is sent again and comes late, and what comes after it waits.
 */
import type { Clock } from '#protocol/ports/clock';
import { assert } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { SeededRandom } from '#sim/world/seeded-random';
import type { NetworkTrace } from './trace.ts';

/** Waited before a packet is sent again, doubled each time (RFC 6298 has 1 s at first; systems begin with 200 ms). */
const RESEND_AFTER_MS = 200;
/** Times a packet is sent again; by then the peer has been given up. */
const RESENDS_MAX = 7;
const BITS_PER_BYTE = 8;
const US_PER_MS = 1_000;
/** Stretches of a trace that one message may take: hours of standstill. */
const STRETCHES_MAX = 100_000;

export interface LinkShape {
  /** More than the network's own, one way. */
  readonly latency?: Ms;
  /** Added to it, uniform from 0 to this. */
  readonly jitter?: Ms;
  /** What it carries, each way, from when it is set; its own latency is added. Absent: as much as anybody sends. */
  readonly trace?: NetworkTrace;
  /** Of messages, from 0 to 1: lost, and sent again. */
  readonly lossRate?: number;
  /** Of requests: never answered; half of them have been performed all the same. */
  readonly requestLossRate?: number;
  /** Of requests that allow it: come twice, as when who relays them tries again. */
  readonly requestRepeatRate?: number;
}

/** What becomes of one request. */
export interface RequestFate {
  readonly lost: 'no' | 'question' | 'answer';
  readonly isRepeated: boolean;
}

const GOOD: RequestFate = { lost: 'no', isRepeated: false };

interface ShapedPlace {
  readonly shape: LinkShape;
  readonly sinceUs: number;
  /** When what was sent before has passed, each way. */
  readonly freeUs: { up: number; down: number };
}

export class LinkShapes {
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #places = new Map<string, ShapedPlace>();

  /** @param random drawn from for shaped places alone */
  constructor(clock: Clock, random: SeededRandom) {
    this.#clock = clock;
    this.#random = random;
  }

  /** @param shape null: as good as the network itself */
  set(place: string, shape: LinkShape | null): void {
    if (shape === null) {
      this.#places.delete(place);
      return;
    }
    assert(
      shape.trace?.stretches.some((it) => it.bandwidth_kbps > 0) ?? true,
      'a link that never carries anything is cut, not shaped',
    );
    const nowUs = this.#clock.nowUs();
    this.#places.set(place, { shape, sinceUs: nowUs, freeUs: { up: nowUs, down: nowUs } });
  }

  isShaped(place: string): boolean {
    return this.#places.has(place);
  }

  /** More than the network's own delay, for the next message from one place to another. */
  delay(from: string, to: string, sizeBytes: number): Ms {
    if (this.#places.size === 0) return ms(0);
    return ms(
      this.#extra(this.#places.get(from), 'up', sizeBytes) + this.#extra(this.#places.get(to), 'down', sizeBytes),
    );
  }

  fate(from: string, to: string): RequestFate {
    if (this.#places.size === 0) return GOOD;
    const shapes = [this.#places.get(from)?.shape, this.#places.get(to)?.shape];
    const happens = (rate: (shape: LinkShape) => number | undefined): boolean =>
      shapes.some((shape) => {
        const chance = shape === undefined ? 0 : (rate(shape) ?? 0);
        return chance > 0 && this.#random.chance(chance);
      });
    const isLost = happens((shape) => shape.requestLossRate);
    return {
      lost: isLost ? this.#random.pick(['question', 'answer'] as const) : 'no',
      isRepeated: happens((shape) => shape.requestRepeatRate),
    };
  }

  #extra(place: ShapedPlace | undefined, way: 'up' | 'down', sizeBytes: number): number {
    if (place === undefined) return 0;
    const { latency = ms(0), jitter = ms(0), lossRate = 0, trace } = place.shape;
    let extra = latency + this.#random.fraction() * jitter;
    if (lossRate > 0) {
      for (let sent = 0; sent < RESENDS_MAX && this.#random.chance(lossRate); sent += 1)
        extra += RESEND_AFTER_MS * 2 ** sent;
    }
    return trace === undefined ? extra : extra + this.#carried(place, trace, way, sizeBytes);
  }

  /** From now until the last bit has passed, ms; what was sent before passes first. */
  #carried(place: ShapedPlace, trace: NetworkTrace, way: 'up' | 'down', sizeBytes: number): number {
    const nowUs = this.#clock.nowUs();
    const sinceMs = place.sinceUs / US_PER_MS;
    let at = Math.max(nowUs, place.freeUs[way]) / US_PER_MS - sinceMs;
    let leftBits = sizeBytes * BITS_PER_BYTE;
    for (let stretches = 0; stretches < STRETCHES_MAX; stretches += 1) {
      const { bandwidth_kbps } = trace.at(ms(at));
      const end = trace.endOfStretch(ms(at));
      // 1 kbit/s is 1 bit/ms.
      const takesMs = leftBits === 0 ? 0 : leftBits / bandwidth_kbps;
      if (at + takesMs <= end) {
        at += takesMs;
        break;
      }
      leftBits -= (end - at) * bandwidth_kbps;
      at = end;
    }
    place.freeUs[way] = (at + sinceMs) * US_PER_MS;
    return Math.max(0, at + sinceMs - nowUs / US_PER_MS) + (trace.at(ms(at)).latency_ms ?? 0);
  }
}
