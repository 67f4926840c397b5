/**
 * Brings a run of segments from whichever edge has it: the best one is asked; when it fails the next is asked at once for
 * what is still missing; when it keeps silent and the sound is needed soon, one more is asked beside it and the first
 * right answer counts. Every edge is asked at most once; then the run is refused, and when to try again is the caller's.
 */
import type { ChunkSource } from '#device/core/ports/chunk-source';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { byteRangeOf, type SegmentPlan, type SegmentSpan } from '../manifest/segment-plan.ts';
import { EdgeAttempt } from './edge-attempt.ts';
import type { EdgeBook } from './edge-book.ts';
import type { ThroughputMeter } from './throughput-meter.ts';

/** Silence shorter than this is never answered by asking another edge: WiFi sleeps that long. */
export const HEDGE_LEAST_MS = 300;
/** Silence this many times longer than what was expected is answered by it. */
export const HEDGE_FACTOR = 3;
/** Edges asked at a time beside one that keeps silent. */
export const HEDGES_MAX = 1;

export interface SpanFetchPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly chunks: ChunkSource;
  readonly book: EdgeBook;
  readonly meter: ThroughputMeter;
}

export interface SpanFetchJob {
  readonly plan: SegmentPlan;
  readonly span: SegmentSpan;
  readonly token: string;
  /** All that may be asked, in the manifest's order. */
  readonly edges: readonly string[];
  /** The token has just been renewed: who refuses it is at fault, not the token. */
  readonly isTokenFresh: boolean;
  /** Whether what is missing will soon be heard. */
  isNeededSoon(): boolean;
}

export interface SpanFetchListener {
  /** In order, each once. @returns false when it is not what it should be */
  segmentArrived(segment: number, sealed: Uint8Array): boolean;
  /** One or more segments have been handed over. */
  progressed(): void;
  /** All of it has come. */
  finished(): void;
  /** No edge is left; or the token is refused, which no other edge would mend. */
  refused(error: TonearmError): void;
}

export class SpanFetch {
  readonly span: SegmentSpan;
  readonly #ports: SpanFetchPorts;
  readonly #job: SpanFetchJob;
  readonly #listener: SpanFetchListener;
  readonly #attempts = new Set<EdgeAttempt>();
  readonly #tried = new Set<string>();
  #missingFrom: number;
  #toldUpTo: number;
  #hasHedged = false;
  #hedgeTimer: Timer | null = null;
  #lastError = new TonearmError('fetch.unreachable', 'every edge asked to be left alone for a while');
  #isOver = false;

  constructor(ports: SpanFetchPorts, job: SpanFetchJob, listener: SpanFetchListener) {
    this.#ports = ports;
    this.#job = job;
    this.#listener = listener;
    this.span = job.span;
    this.#missingFrom = job.span.from;
    this.#toldUpTo = job.span.from;
  }

  /** Of the file that it is a span of. */
  get plan(): SegmentPlan {
    return this.#job.plan;
  }

  /** The first segment that has not come yet. */
  get missingFrom(): number {
    return this.#missingFrom;
  }

  /** An answer has begun to come. */
  get hasBegun(): boolean {
    return this.#missingFrom > this.span.from || [...this.#attempts].some((attempt) => attempt.hasFirstByte);
  }

  /** Still to come up to segment `to`, without; what has come of a segment counts. Nothing beyond what was asked for. */
  leftBytes(to = this.span.to): number {
    const until = Math.min(to, this.span.to);
    if (this.#missingFrom >= until) return 0;
    const partial = Math.max(0, ...[...this.#attempts].map((attempt) => attempt.partialBytes));
    return byteRangeOf(this.plan, { from: this.#missingFrom, to: until }).length - partial;
  }

  start(): void {
    if (!this.#askNext()) this.#finish(() => this.#listener.refused(this.#lastError));
  }

  /** Nothing is told after it. */
  cancel(): void {
    this.#finish(() => {});
  }

  /** @returns false when nobody is left to ask */
  #askNext(): boolean {
    const { book } = this.#ports;
    const url = book.rank(this.#job.edges, this.#job.isNeededSoon()).find((it) => !this.#tried.has(it));
    if (url === undefined) return false;
    this.#tried.add(url);
    const { plan, token, span } = this.#job;
    const attempt: EdgeAttempt = new EdgeAttempt(
      this.#ports,
      { edgeUrl: url, token, plan, span: { from: this.#missingFrom, to: span.to } },
      {
        segmentArrived: (segment, sealed) => this.#segmentArrived(attempt, segment, sealed),
        begun: () => this.#armHedge(attempt),
        progressed: () => this.#progressed(),
        answered: (facts) => {
          this.#attempts.delete(attempt);
          book.answered(url, facts);
          this.#finish(() => this.#listener.finished());
        },
        refused: (error) => this.#refused(attempt, error),
      },
    );
    this.#attempts.add(attempt);
    book.asked(url);
    attempt.start();
    this.#armHedge(attempt);
    return true;
  }

  /** Both of two attempts bring their segments in order, so what comes again comes before what is missing. */
  #segmentArrived(attempt: EdgeAttempt, segment: number, sealed: Uint8Array): boolean {
    if (segment < this.#missingFrom) return true;
    const isRight = this.#listener.segmentArrived(segment, sealed);
    if (isRight) {
      this.#missingFrom = segment + 1;
      this.#armHedge(attempt);
    }
    return isRight;
  }

  #progressed(): void {
    if (this.#isOver || this.#toldUpTo === this.#missingFrom) return;
    this.#toldUpTo = this.#missingFrom;
    this.#listener.progressed();
  }

  #refused(attempt: EdgeAttempt, error: TonearmError): void {
    this.#attempts.delete(attempt);
    this.#lastError = error;
    if (error.code === 'content.token-refused' && !this.#job.isTokenFresh) {
      this.#ports.book.abandoned(attempt.edgeUrl);
      this.#finish(() => this.#listener.refused(error));
      return;
    }
    this.#ports.book.failed(attempt.edgeUrl, error);
    // All of it had come, and only the end of the answer has not.
    if (this.#isComplete()) {
      this.#finish(() => this.#listener.finished());
      return;
    }
    const [other] = this.#attempts;
    if (other !== undefined) this.#armHedge(other);
    if (other !== undefined || this.#askNext()) return;
    this.#finish(() => this.#listener.refused(error));
  }

  /** Anew with each sign of life: it is the silence that is measured. */
  #armHedge(attempt: EdgeAttempt): void {
    this.#hedgeTimer?.cancel();
    this.#hedgeTimer = null;
    const canHedge = this.#attempts.size <= HEDGES_MAX && this.#tried.size < this.#job.edges.length;
    if (this.#isOver || !canHedge || this.#isComplete()) return;
    this.#hedgeTimer = this.#ports.clock.setTimer('fetch.hedge', this.#patience(attempt), () => {
      if (this.#job.isNeededSoon()) this.#hedge(attempt);
      else this.#armHedge(attempt);
    });
  }

  #patience(attempt: EdgeAttempt): Ms {
    const { book } = this.#ports;
    const { plan } = this.#job;
    const segment = Math.min(this.#missingFrom, plan.segmentCount - 1);
    const sizeBytes = byteRangeOf(plan, { from: segment, to: segment + 1 }).length;
    const expectedMs =
      book.expectedFirstByteMs(attempt.edgeUrl) +
      (attempt.hasFirstByte ? (sizeBytes * 1000) / book.expectedBytesPerSecond(attempt.edgeUrl) : 0);
    return ms(Math.max(HEDGE_LEAST_MS, HEDGE_FACTOR * expectedMs));
  }

  #hedge(silent: EdgeAttempt): void {
    if (this.#isOver || !this.#attempts.has(silent)) return;
    this.#hasHedged = true;
    if (this.#askNext()) this.#ports.logger.debug('fetch.hedged', { silent: silent.edgeUrl });
  }

  #isComplete(): boolean {
    return this.#missingFrom === this.#job.span.to;
  }

  #finish(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#hedgeTimer?.cancel();
    const isComplete = this.#isComplete();
    for (const attempt of this.#attempts) {
      attempt.cancel();
      const isBeaten = isComplete && this.#hasHedged && attempt.segmentsArrived === 0;
      if (isBeaten) this.#ports.book.failed(attempt.edgeUrl, beatenError());
      else this.#ports.book.abandoned(attempt.edgeUrl);
    }
    this.#attempts.clear();
    tell();
  }
}

function beatenError(): TonearmError {
  return new TonearmError('fetch.timed-out', 'kept silent until another edge had answered');
}
