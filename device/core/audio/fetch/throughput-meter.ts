/**
 * Watches all requests together and says how much the link carries. Together, since requests side by side share it: each
 * by itself would see half. Time without a request does not count. Of the wait for a first byte only what is longer than
 * usual does: a round trip is no lack of bandwidth, an outage is one.
 */
import type { Clock } from '#protocol/ports/clock';
import { addThroughput, kbpsOf, type Throughput, UNKNOWN_THROUGHPUT } from './throughput.ts';

/** Pieces that come within this are one sample. */
const SAMPLE_MS = 100;
/** A wait for the first byte is never taken for usual beyond this. */
const USUAL_WAIT_MAX_MS = 300;
/** Share of a longer wait by which the usual one moves towards it; a shorter one is believed at once. */
const WAIT_RISES = 0.1;

/** Without a request for this long, what was measured says nothing of now: one has walked out of the house. */
export const STALE_MS = 20_000;

/** One request, as it reports itself. */
export interface MeteredRequest {
  arrived(sizeBytes: number): void;
  /** Twice is harmless. */
  ended(): void;
}

export class ThroughputMeter {
  readonly #clock: Clock;
  #known: Throughput = UNKNOWN_THROUGHPUT;
  #usualWaitMs: number | null = null;
  #open = 0;
  /** Up to here time has been counted. */
  #countedUs = 0;
  /** Nothing has come since the first of the open requests was asked. */
  #isWaiting = false;
  #sample = { sizeBytes: 0, tookMs: 0 };
  #fetchedBytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** All bytes that came. */
  get fetchedBytes(): number {
    return this.#fetchedBytes;
  }

  begin(): MeteredRequest {
    if (this.#open === 0) {
      this.#countedUs = this.#clock.nowUs();
      this.#isWaiting = true;
    }
    this.#open += 1;
    let isOpen = true;
    return {
      arrived: (sizeBytes) => this.#arrived(sizeBytes),
      ended: () => {
        if (!isOpen) return;
        isOpen = false;
        this.#ended();
      },
    };
  }

  /** In kbit/s, with what is awaited now; null while it is not known. */
  estimateKbps(): number | null {
    if (this.#open === 0 && this.#elapsedMs() >= STALE_MS) return null;
    const { sizeBytes, tookMs } = this.#sample;
    const openMs = this.#open === 0 ? 0 : this.#countableMs();
    return kbpsOf(addThroughput(this.#known, sizeBytes, tookMs + openMs));
  }

  /** What was known is of no use any more: the link has become as slow as this. */
  restartAt(sizeBytes: number, tookMs: number): void {
    this.#sample = { sizeBytes: 0, tookMs: 0 };
    this.#known = addThroughput(UNKNOWN_THROUGHPUT, sizeBytes, tookMs);
  }

  #arrived(sizeBytes: number): void {
    const tookMs = this.#countableMs();
    if (this.#isWaiting) this.#learnWait(this.#elapsedMs());
    this.#isWaiting = false;
    this.#countedUs = this.#clock.nowUs();
    this.#fetchedBytes += sizeBytes;
    this.#sample = { sizeBytes: this.#sample.sizeBytes + sizeBytes, tookMs: this.#sample.tookMs + tookMs };
    if (this.#sample.tookMs >= SAMPLE_MS) this.#takeSample();
  }

  #ended(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    this.#sample = { ...this.#sample, tookMs: this.#sample.tookMs + this.#countableMs() };
    this.#countedUs = this.#clock.nowUs();
    this.#takeSample();
  }

  #takeSample(): void {
    this.#known = addThroughput(this.#known, this.#sample.sizeBytes, this.#sample.tookMs);
    this.#sample = { sizeBytes: 0, tookMs: 0 };
  }

  #elapsedMs(): number {
    return (this.#clock.nowUs() - this.#countedUs) / 1000;
  }

  #countableMs(): number {
    if (!this.#isWaiting) return this.#elapsedMs();
    return Math.max(0, this.#elapsedMs() - (this.#usualWaitMs ?? USUAL_WAIT_MAX_MS));
  }

  #learnWait(waitMs: number): void {
    const known = this.#usualWaitMs ?? USUAL_WAIT_MAX_MS;
    const next = waitMs < known ? waitMs : known + (waitMs - known) * WAIT_RISES;
    this.#usualWaitMs = Math.min(USUAL_WAIT_MAX_MS, next);
  }
}
