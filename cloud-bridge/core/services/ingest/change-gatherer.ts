/**
 * Gathers changes until it has been quiet for a moment: a copied album is hundreds of events and one look, and a file that
 * is still being written is looked at when it is whole.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import { type Ms, ms } from '#protocol/vocabulary/units';

/** Quiet after which a change is looked at. */
export const QUIET_MS = ms(1_000);
/** Somebody who copies for hours sees what is there so far this often. */
export const GATHERED_AT_MOST_MS = ms(15_000);
/** More places than this are one: the whole folder. */
export const PLACES_MAX = 64;

export class ChangeGatherer {
  readonly #clock: Clock;
  readonly #gathered: (below: readonly string[]) => void;
  #places = new Set<string>();
  #quiet: Timer | null = null;
  #atMost: Timer | null = null;

  /** @param gathered told the changed folders, none of them within another; `['']` is the music folder itself */
  constructor(clock: Clock, gathered: (below: readonly string[]) => void) {
    this.#clock = clock;
    this.#gathered = gathered;
  }

  add(below: string): void {
    this.#places.add(below);
    if (this.#places.size > PLACES_MAX) this.#places = new Set(['']);
    this.#quiet?.cancel();
    this.#quiet = this.#timer(QUIET_MS);
    this.#atMost ??= this.#timer(GATHERED_AT_MOST_MS);
  }

  /** Forgets what was gathered. Twice is harmless. */
  stop(): void {
    this.#quiet?.cancel();
    this.#atMost?.cancel();
    this.#quiet = null;
    this.#atMost = null;
    this.#places.clear();
  }

  #timer(after: Ms): Timer {
    return this.#clock.setTimer('library change', after, () => {
      const places = outermost([...this.#places]);
      this.stop();
      this.#gathered(places);
    });
  }
}

/** Without those that lie within another. */
export function outermost(places: readonly string[]): readonly string[] {
  const isWithin = (one: string, other: string): boolean =>
    one !== other && (other === '' || one.startsWith(`${other}/`));
  return places.filter((place) => !places.some((other) => isWithin(place, other))).sort();
}
