/**
 * What is known of every edge, shared by all tracks of one speaker: an edge that failed the last track is not tried
 * again by the next. Counts what the bridge is to be told of them.
 */
import { retryAfterOf } from '#device/core/ports/chunk-source';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { rankEdges } from './choose-edge.ts';
import {
  applyEdgeEvent,
  askableAtUs,
  bytesPerSecondOf,
  type EdgeEvent,
  type EdgeHealth,
  firstByteMsAt,
  standingAt,
  UNKNOWN_EDGE,
} from './edge-health.ts';

/** Edges remembered; the one not asked for longest is forgotten first. Twice what one manifest may name. */
export const EDGES_KNOWN_MAX = 32;
/** Times to the first byte kept for the median of one report. */
const SAMPLES_MAX = 64;
/** Expected of an edge that was never measured: a neighbouring country, and a modest line. */
const FIRST_BYTE_UNKNOWN_MS = 100;
const BYTES_PER_SECOND_UNKNOWN = 40_000;

/** Since it was taken last. */
export interface EdgeTally {
  readonly url: string;
  readonly requests: number;
  readonly failures: number;
  readonly sizeBytes: number;
  readonly firstByteMs: readonly number[];
  readonly bytesPerSecond: readonly number[];
}

interface Entry {
  health: EdgeHealth;
  requests: number;
  failures: number;
  sizeBytes: number;
  firstByteMs: number[];
  bytesPerSecond: number[];
}

export type EdgeBookPorts = { readonly clock: Clock; readonly random: Random; readonly logger: Logger };

export interface EdgeBookListener {
  /** An edge that was trusted has just failed, so others are asked. */
  failedOver(): void;
  asked(): void;
}

export class EdgeBook {
  readonly #ports: EdgeBookPorts;
  readonly #entries = new Map<string, Entry>();
  #listener: EdgeBookListener = { failedOver: () => {}, asked: () => {} };

  constructor(ports: EdgeBookPorts) {
    this.#ports = ports;
  }

  /** One listener; without one nothing is told. */
  listen(listener: EdgeBookListener): void {
    this.#listener = listener;
  }

  /** Those that may be asked now, best first. */
  rank(urls: readonly string[], isNeededSoon: boolean): readonly string[] {
    const edges = urls.map((url) => ({ url, health: this.#healthOf(url) }));
    return rankEdges(edges, { nowUs: this.#ports.clock.nowUs(), isNeededSoon });
  }

  /** How long until one of them may be asked: zero when one may now. */
  waitMs(urls: readonly string[]): Ms {
    const nowUs = this.#ports.clock.nowUs();
    const waits = urls.map((url) => {
      const health = this.#healthOf(url);
      return standingAt(health, nowUs) === 'shedding' ? askableAtUs(health, nowUs) - nowUs : 0;
    });
    return ms(waits.length === 0 ? 0 : Math.min(...waits) / 1000);
  }

  expectedFirstByteMs(url: string): number {
    return firstByteMsAt(this.#healthOf(url), this.#ports.clock.nowUs()) ?? FIRST_BYTE_UNKNOWN_MS;
  }

  expectedBytesPerSecond(url: string): number {
    return this.#healthOf(url).bytesPerSecond ?? BYTES_PER_SECOND_UNKNOWN;
  }

  asked(url: string): void {
    const entry = this.#entry(url);
    entry.requests += 1;
    this.#apply(url, entry, { kind: 'asked' });
    this.#listener.asked();
  }

  answered(url: string, facts: Omit<Extract<EdgeEvent, { kind: 'answered' }>, 'kind'>): void {
    const entry = this.#entry(url);
    const event = { kind: 'answered', ...facts } as const;
    entry.sizeBytes += facts.sizeBytes;
    if (entry.firstByteMs.length < SAMPLES_MAX) {
      entry.firstByteMs.push(facts.firstByteMs);
      entry.bytesPerSecond.push(bytesPerSecondOf(event));
    }
    this.#apply(url, entry, event);
  }

  failed(url: string, error: TonearmError): void {
    const entry = this.#entry(url);
    entry.failures += 1;
    const retryAfterMs = retryAfterOf(error) ?? (error.code === 'content.overloaded' ? ms(0) : null);
    const wasTrusted = standingAt(entry.health, this.#ports.clock.nowUs()) === 'trusted';
    this.#apply(url, entry, retryAfterMs === null ? { kind: 'failed' } : { kind: 'shed', retryAfterMs });
    this.#ports.logger.debug('fetch.edge-failed', {
      edge: url,
      code: error.code,
      message: error.message,
      failuresInRow: entry.health.failuresInRow,
    });
    if (wasTrusted) this.#listener.failedOver();
  }

  abandoned(url: string): void {
    this.#apply(url, this.#entry(url), { kind: 'abandoned' });
  }

  /** What was counted since the last call, of those that were asked. */
  takeTallies(): readonly EdgeTally[] {
    const tallies: EdgeTally[] = [];
    for (const [url, entry] of this.#entries) {
      const { requests, failures, sizeBytes, firstByteMs, bytesPerSecond } = entry;
      if (requests + failures > 0) tallies.push({ url, requests, failures, sizeBytes, firstByteMs, bytesPerSecond });
      this.#entries.set(url, freshEntry(entry.health));
    }
    return tallies;
  }

  #healthOf(url: string): EdgeHealth {
    return this.#entries.get(url)?.health ?? UNKNOWN_EDGE;
  }

  #apply(url: string, entry: Entry, event: EdgeEvent): void {
    const { clock, random } = this.#ports;
    const before = standingAt(entry.health, clock.nowUs());
    entry.health = applyEdgeEvent(entry.health, event, clock.nowUs(), random.fraction());
    if (event.kind === 'answered' && before !== 'trusted') {
      this.#ports.logger.debug('fetch.edge-returned', { edge: url });
    }
  }

  /** Put at the end of the order of forgetting. */
  #entry(url: string): Entry {
    const entry = this.#entries.get(url) ?? freshEntry(UNKNOWN_EDGE);
    this.#entries.delete(url);
    this.#entries.set(url, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= EDGES_KNOWN_MAX) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }
}

function freshEntry(health: EdgeHealth): Entry {
  return { health, requests: 0, failures: 0, sizeBytes: 0, firstByteMs: [], bytesPerSecond: [] };
}
