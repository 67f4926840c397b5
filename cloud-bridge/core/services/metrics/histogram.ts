/** How long things took, as Prometheus wants it: how many were no longer than each of a few bounds, and the sum. */
import { type Ms, ms } from '#protocol/vocabulary/units';

const MS_PER_SECOND = 1_000;

export class Histogram {
  readonly #boundsS: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #total = 0;

  /** @param boundsS seconds, growing */
  constructor(boundsS: readonly number[]) {
    this.#boundsS = boundsS;
    this.#counts = boundsS.map(() => 0);
  }

  add(took: Ms): void {
    const seconds = ms(took) / MS_PER_SECOND;
    this.#sum += seconds;
    this.#total += 1;
    const place = this.#boundsS.findIndex((bound) => seconds <= bound);
    if (place >= 0) this.#counts[place] = (this.#counts[place] ?? 0) + 1;
  }

  /** Rows of a metric: suffix of the name, labels, value. Counts are of all that were no longer. */
  rows(): readonly (readonly [suffix: string, labels: string, value: number])[] {
    let below = 0;
    const buckets = this.#boundsS.map((bound, place) => {
      below += this.#counts[place] ?? 0;
      return ['_bucket', `le="${bound}"`, below] as const;
    });
    return [...buckets, ['_bucket', 'le="+Inf"', this.#total], ['_sum', '', this.#sum], ['_count', '', this.#total]];
  }
}
