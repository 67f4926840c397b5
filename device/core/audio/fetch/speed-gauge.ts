/** How fast one request comes, of late: what the link has carried before it says nothing of a link that has collapsed. */
import type { Clock } from '#protocol/ports/clock';

/** Weight of the time since the last look; looks are a few a second. */
const NEWEST_WEIGHT = 0.5;

export class SpeedGauge {
  readonly #clock: Clock;
  readonly #leftBytes: () => number;
  readonly #startedUs: number;
  #lookedUs: number;
  #leftBefore: number;
  #kbps: number | null = null;

  /** @param leftBytes of the request that are still to come */
  constructor(clock: Clock, leftBytes: () => number) {
    this.#clock = clock;
    this.#leftBytes = leftBytes;
    this.#startedUs = clock.nowUs();
    this.#lookedUs = this.#startedUs;
    this.#leftBefore = leftBytes();
  }

  look(): { readonly elapsedMs: number; readonly speedKbps: number } {
    const nowUs = this.#clock.nowUs();
    const leftBytes = this.#leftBytes();
    const tookMs = (nowUs - this.#lookedUs) / 1000;
    if (tookMs > 0) {
      const kbps = ((this.#leftBefore - leftBytes) * 8) / tookMs;
      this.#kbps = this.#kbps === null ? kbps : this.#kbps + (kbps - this.#kbps) * NEWEST_WEIGHT;
    }
    this.#lookedUs = nowUs;
    this.#leftBefore = leftBytes;
    return { elapsedMs: (nowUs - this.#startedUs) / 1000, speedKbps: this.#kbps ?? 0 };
  }
}
