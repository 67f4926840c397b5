/**
 * How often somebody may be wrong: errors are counted for each key (an address, a name) within a window, and beyond the
 * limit the key is refused until the window has passed. Who is right is not counted.
 */
import type { Clock } from '#protocol/ports/clock';

/** Keys counted at once; beyond it the one that began longest ago is forgotten. */
const KEYS_MAX = 4_096;
const US_PER_MS = 1_000;

export interface AttemptLimitOptions {
  readonly errorsMax: number;
  readonly windowMs: number;
}

export class AttemptLimit {
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #options: AttemptLimitOptions;
  /** In the order in which their windows began. */
  readonly #errors = new Map<string, { readonly sinceUs: number; readonly count: number }>();

  constructor(clock: Pick<Clock, 'nowUs'>, options: AttemptLimitOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  mayTry(key: string): boolean {
    return this.#of(key).count < this.#options.errorsMax;
  }

  /** Counted before the answer is known, so that many at once are not all let through; `right` takes it back. */
  tried(key: string): void {
    const { sinceUs, count } = this.#of(key);
    const isNew = count === 0;
    if (isNew) this.#errors.delete(key);
    this.#errors.set(key, { sinceUs, count: count + 1 });
    const oldest = this.#errors.keys().next();
    if (this.#errors.size > KEYS_MAX && !oldest.done) this.#errors.delete(oldest.value);
  }

  right(key: string): void {
    const { sinceUs, count } = this.#of(key);
    if (count > 1) this.#errors.set(key, { sinceUs, count: count - 1 });
    else this.#errors.delete(key);
  }

  #of(key: string): { readonly sinceUs: number; readonly count: number } {
    const nowUs = this.#clock.nowUs();
    const known = this.#errors.get(key);
    const isOver = known === undefined || nowUs - known.sinceUs >= this.#options.windowMs * US_PER_MS;
    return isOver ? { sinceUs: nowUs, count: 0 } : known;
  }
}
