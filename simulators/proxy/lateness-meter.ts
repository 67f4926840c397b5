/**
 * How late packets leave, kept as counts per span of time: a proxy that cannot keep its promises on a busy machine is to
 * say so, and not to be taken for the network that it simulates.
 */

/** Upper edges of the spans, µs; what was early is on time. */
const EDGES_US = [0, 250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 1_000_000] as const;

export class LatenessMeter {
  readonly #counts = new Array<number>(EDGES_US.length + 1).fill(0);
  #total = 0;
  #worstUs = 0;
  #recentWorstUs = 0;

  note(lateUs: number): void {
    const found = EDGES_US.findIndex((edge) => lateUs <= edge);
    const place = found < 0 ? EDGES_US.length : found;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#total += 1;
    this.#worstUs = Math.max(this.#worstUs, lateUs);
    this.#recentWorstUs = Math.max(this.#recentWorstUs, lateUs);
  }

  /** The worst since it was last asked for, ms. */
  takeRecentWorstMs(): number {
    const worstMs = this.#recentWorstUs / 1_000;
    this.#recentWorstUs = 0;
    return worstMs;
  }

  get worstMs(): number {
    return this.#worstUs / 1_000;
  }

  /** @returns the upper edge of the span in which that share of packets ends, ms; never above the worst */
  shareWithinMs(share: number): number {
    let seen = 0;
    for (const [place, count] of this.#counts.entries()) {
      seen += count;
      if (this.#total > 0 && seen >= share * this.#total) {
        return Math.min(this.#worstUs, EDGES_US[place] ?? this.#worstUs) / 1_000;
      }
    }
    return 0;
  }
}
