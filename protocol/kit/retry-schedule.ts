/**
 * How long to wait before trying again: full jitter (a uniform draw from zero to a ceiling that doubles up to a cap).
 *
 * Full rather than equal jitter, because a household's speakers lose the bridge in the same instant and must not come
 * back in the same instant. A schedule never ends: giving up is another policy, and speakers have none.
 */
import type { Random } from '#protocol/ports/random';
import { type Ms, ms } from '#protocol/vocabulary/units';

/** Doublings counted; past these every cap in use has long been reached, and the power stays an exact number. */
const DOUBLINGS_MAX = 30;

export interface RetrySchedule {
  /** The next wait. */
  next(): Ms;
  /** Back to the first ceiling; called when an attempt has succeeded. */
  reset(): void;
}

/**
 * @param options `baseMs`: ceiling of the first wait; `capMs`: ceiling that is never passed
 * @throws RangeError when the cap is below the base, or the base is zero
 */
export function fullJitter(random: Random, options: { readonly baseMs: Ms; readonly capMs: Ms }): RetrySchedule {
  if (options.baseMs <= 0 || options.capMs < options.baseMs) {
    throw new RangeError(`a retry schedule needs 0 < base ≤ cap, got ${options.baseMs} and ${options.capMs}`);
  }
  let doublings = 0;
  return {
    next: () => {
      const ceiling = Math.min(options.capMs, options.baseMs * 2 ** doublings);
      doublings = Math.min(DOUBLINGS_MAX, doublings + 1);
      return ms(random.fraction() * ceiling);
    },
    reset: () => {
      doublings = 0;
    },
  };
}
