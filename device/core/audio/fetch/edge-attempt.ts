/**
 * One question to one edge for a run of whole segments, handed on one by one as they come: an edge that breaks off has
 * been of use up to there. Asks for the head object where the run is one.
 */
import type { ChunkSource, FileRequest, PendingFetch } from '#device/core/ports/chunk-source';
import type { Clock, Timer } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import { byteRangeOf, type SegmentPlan, type SegmentSpan } from '../manifest/segment-plan.ts';
import type { MeteredRequest, ThroughputMeter } from './throughput-meter.ts';

/**
 * An attempt that brings no whole segment in this long has failed: bytes may trickle for ever, and a segment is a second
 * of sound. Nothing could be played at such a pace.
 */
export const SEGMENT_WITHIN_MS = ms(10_000);

export interface AttemptFacts {
  readonly edgeUrl: string;
  readonly token: string;
  readonly plan: SegmentPlan;
  readonly span: SegmentSpan;
}

export interface AttemptListener {
  /** @returns false when the segment is not what it should be: the attempt is then over, and refused as corrupt */
  segmentArrived(segment: number, sealed: Uint8Array): boolean;
  /** The answer has begun; comes once. */
  begun(): void;
  /** Some bytes came. */
  progressed(): void;
  answered(facts: { firstByteMs: ReturnType<typeof ms>; totalMs: ReturnType<typeof ms>; sizeBytes: number }): void;
  refused(error: TonearmError): void;
}

export interface AttemptPorts {
  readonly clock: Clock;
  readonly chunks: ChunkSource;
  readonly meter: ThroughputMeter;
}

export class EdgeAttempt {
  readonly edgeUrl: string;
  readonly #ports: AttemptPorts;
  readonly #facts: AttemptFacts;
  readonly #listener: AttemptListener;
  readonly #buffer: Uint8Array;
  #filledBytes = 0;
  /** The segment that comes next. */
  #segment: number;
  #pending: PendingFetch<Uint8Array> | null = null;
  #metered: MeteredRequest | null = null;
  #startedUs = 0;
  #firstByteUs: number | null = null;
  #patience: Timer | null = null;
  #isOver = false;

  constructor(ports: AttemptPorts, facts: AttemptFacts, listener: AttemptListener) {
    this.#ports = ports;
    this.#facts = facts;
    this.#listener = listener;
    this.edgeUrl = facts.edgeUrl;
    this.#segment = facts.span.from;
    this.#buffer = new Uint8Array(byteRangeOf(facts.plan, facts.span).length);
  }

  /** Whole segments that came. */
  get segmentsArrived(): number {
    return this.#segment - this.#facts.span.from;
  }

  /** That came of the segment that is not whole yet. */
  get partialBytes(): number {
    const { plan, span } = this.#facts;
    return this.#filledBytes - ((plan.offsetsBytes[this.#segment] ?? 0) - (plan.offsetsBytes[span.from] ?? 0));
  }

  get hasFirstByte(): boolean {
    return this.#firstByteUs !== null;
  }

  start(): void {
    const { plan, span } = this.#facts;
    const isHead = span.from === 0 && span.to === plan.file.headSegments;
    this.#awaitSegment();
    this.#metered = this.#ports.meter.begin();
    this.#ask(isHead);
  }

  /** Nothing is told after it. */
  cancel(): void {
    if (this.#isOver) return;
    this.#end();
    this.#pending?.cancel();
  }

  #end(): void {
    this.#isOver = true;
    this.#metered?.ended();
    this.#patience?.cancel();
  }

  #awaitSegment(): void {
    this.#patience?.cancel();
    this.#patience = this.#ports.clock.setTimer('fetch.segment', SEGMENT_WITHIN_MS, () => {
      this.#refuse(new TonearmError('fetch.timed-out', `no whole segment came in ${SEGMENT_WITHIN_MS} ms`));
    });
  }

  #ask(isHead: boolean): void {
    const { chunks, clock } = this.#ports;
    const { plan, span, token, edgeUrl } = this.#facts;
    const request: FileRequest = { edgeUrl, token, fileId: plan.file.fileId };
    const range = byteRangeOf(plan, span);
    const watcher = {
      arrived: (piece: Uint8Array) => {
        if (this.#pending === pending) this.#take(piece);
      },
    };
    this.#startedUs = clock.nowUs();
    const pending: PendingFetch<Uint8Array> = isHead
      ? chunks.fetchHead({ ...request, length: range.length }, watcher)
      : chunks.fetchRange({ ...request, range }, watcher);
    this.#pending = pending;
    void pending.outcome.then((outcome) => {
      if (!this.#isOver && this.#pending === pending) this.#settled(outcome, isHead);
    });
  }

  #settled(outcome: Result<Uint8Array, TonearmError>, isHead: boolean): void {
    if (!outcome.ok && isHead && outcome.error.code === 'content.not-found') {
      // No head is kept there; the file itself may be (spec section 8.6).
      this.#ask(false);
      return;
    }
    if (!outcome.ok) {
      this.#refuse(outcome.error);
      return;
    }
    // What the source did not tell while it came.
    this.#take(outcome.value.subarray(this.#filledBytes));
    if (this.#isOver) return;
    this.#end();
    const nowUs = this.#ports.clock.nowUs();
    this.#listener.answered({
      firstByteMs: ms(((this.#firstByteUs ?? nowUs) - this.#startedUs) / 1000),
      totalMs: ms((nowUs - this.#startedUs) / 1000),
      sizeBytes: this.#buffer.length,
    });
  }

  #take(piece: Uint8Array): void {
    if (this.#isOver) return;
    if (piece.length > 0) this.#metered?.arrived(piece.length);
    if (this.#firstByteUs === null) {
      this.#firstByteUs = this.#ports.clock.nowUs();
      this.#listener.begun();
    }
    const fitting = piece.subarray(0, this.#buffer.length - this.#filledBytes);
    this.#buffer.set(fitting, this.#filledBytes);
    this.#filledBytes += fitting.length;
    this.#handOn();
    if (!this.#isOver) this.#listener.progressed();
  }

  #handOn(): void {
    const { plan, span } = this.#facts;
    const base = plan.offsetsBytes[span.from] ?? 0;
    while (this.#segment < span.to && !this.#isOver) {
      const from = (plan.offsetsBytes[this.#segment] ?? 0) - base;
      const to = (plan.offsetsBytes[this.#segment + 1] ?? 0) - base;
      if (to > this.#filledBytes) return;
      // A copy: a slice of the answer would keep all of it alive for as long as one segment is held.
      const isRight = this.#listener.segmentArrived(this.#segment, this.#buffer.slice(from, to));
      if (this.#isOver) return;
      if (!isRight) {
        const message = `segment ${this.#segment} is not as it was sealed`;
        this.#refuse(new TonearmError('fetch.corrupt-segment', message, { context: { segment: this.#segment } }));
        return;
      }
      this.#segment += 1;
      this.#awaitSegment();
    }
  }

  #refuse(error: TonearmError): void {
    if (this.#isOver) return;
    this.cancel();
    this.#listener.refused(error);
  }
}
