/**
 * What one person does with a phone, hour by hour: sessions of tracks, some skipped, a pause, the volume now and then. Pure:
 * the same seed gives the same deeds. Who performs them keeps to their times and knows nothing of why.
 */
import { assert } from '#protocol/vocabulary/result';
import type { SeededRandom } from '#sim/world/seeded-random';
import {
  AT_HOME_PART,
  drawSkip,
  drawTrackCount,
  drawWait,
  listeningAt,
  PAUSED_FOR_S,
  PAUSED_PART,
  S_PER_DAY,
  SESSIONS_PER_DAY,
  VOLUME_EVERY_S,
} from './listening-model.ts';

/** Of one person; a year of it. */
export const DEEDS_MAX = 100_000;
/** Of the loudness that a person likes, and how far a turn goes from it. */
const VOLUME_LIKED = { from: 20, to: 60 };
const VOLUME_TURN = 15;
/** No hour has more of the day's beginnings than this many times the average (`BEGINNINGS_BY_HOUR`). */
const HIGHEST_RATE = 3;

export type Deed =
  /** `speaker` and `tracks` are places in what is known then, counted round when there are fewer. */
  | { readonly kind: 'play'; readonly atS: number; readonly speaker: number; readonly tracks: readonly number[] }
  | { readonly kind: 'next' | 'pause' | 'resume'; readonly atS: number }
  | { readonly kind: 'setVolume'; readonly atS: number; readonly speaker: number; readonly volume: number };

export interface ListeningOptions {
  /** When it begins, in seconds since midnight. */
  readonly fromS: number;
  readonly durationS: number;
  /** Lengths in seconds of the tracks that there are to play; none: only volumes are turned. */
  readonly lengthsS: readonly number[];
  /** Places of speakers to choose from. */
  readonly speakers: number;
}

/** @returns in the order of time, all within the duration; `atS` counts from its beginning */
export function planListening(random: SeededRandom, options: ListeningOptions): readonly Deed[] {
  assert(options.speakers > 0, 'there is a speaker to listen to');
  const person = new Person(random, options);
  return person.plan();
}

class Person {
  readonly #random: SeededRandom;
  readonly #options: ListeningOptions;
  readonly #home: number;
  readonly #liked: number;
  readonly #deeds: Deed[] = [];
  #nowS = 0;
  #turnsAtS: number;

  constructor(random: SeededRandom, options: ListeningOptions) {
    this.#random = random;
    this.#options = options;
    this.#home = random.between(0, options.speakers - 1);
    this.#liked = random.between(VOLUME_LIKED.from, VOLUME_LIKED.to);
    this.#turnsAtS = drawWait(random, VOLUME_EVERY_S);
  }

  plan(): readonly Deed[] {
    while (this.#isGoingOn()) {
      this.#waitForSession();
      if (this.#isGoingOn()) this.#session();
    }
    const deeds = this.#deeds.filter(({ atS }) => atS < this.#options.durationS);
    return deeds.sort((one, other) => one.atS - other.atS);
  }

  #isGoingOn(): boolean {
    return this.#nowS < this.#options.durationS && this.#deeds.length < DEEDS_MAX;
  }

  /** A Poisson process whose rate follows the hour, by thinning one of the highest rate (Lewis and Shedler 1979). */
  #waitForSession(): void {
    const everyS = S_PER_DAY / SESSIONS_PER_DAY / HIGHEST_RATE;
    do {
      this.#nowS += drawWait(this.#random, everyS);
    } while (
      this.#nowS < this.#options.durationS &&
      !this.#random.chance(listeningAt(this.#options.fromS + this.#nowS) / HIGHEST_RATE)
    );
  }

  #session(): void {
    const { speakers, lengthsS } = this.#options;
    const speaker = this.#random.chance(AT_HOME_PART) ? this.#home : this.#random.between(0, speakers - 1);
    const count = drawTrackCount(this.#random);
    const tracks = lengthsS.length === 0 ? [] : this.#chooseTracks(count);
    if (tracks.length > 0) this.#deeds.push({ kind: 'play', atS: this.#nowS, speaker, tracks });
    else this.#turn(speaker, this.#nowS);
    for (const [place, track] of tracks.entries()) {
      this.#track(speaker, lengthsS[track] ?? 0, place === tracks.length - 1);
      if (!this.#isGoingOn()) return;
    }
  }

  /** Neighbours, as on an album. */
  #chooseTracks(count: number): readonly number[] {
    const { length } = this.#options.lengthsS;
    const first = this.#random.between(0, length - 1);
    return Array.from({ length: count }, (_, place) => (first + place) % length);
  }

  #track(speaker: number, lengthS: number, isLast: boolean): void {
    const skippedAfterS = drawSkip(this.#random, lengthS);
    const heardS = skippedAfterS ?? lengthS;
    const pausedS = skippedAfterS === null && this.#random.chance(PAUSED_PART) ? this.#pause(heardS) : 0;
    this.#turnsAtS -= heardS;
    if (this.#turnsAtS <= 0) {
      this.#turn(speaker, this.#nowS + heardS * this.#random.fraction());
      this.#turnsAtS = drawWait(this.#random, VOLUME_EVERY_S);
    }
    this.#nowS += heardS + pausedS;
    if (skippedAfterS !== null) this.#deeds.push({ kind: isLast ? 'pause' : 'next', atS: this.#nowS });
  }

  /** @returns for how long */
  #pause(heardS: number): number {
    const atS = this.#nowS + heardS * this.#random.fraction();
    const forS = drawWait(this.#random, PAUSED_FOR_S);
    this.#deeds.push({ kind: 'pause', atS }, { kind: 'resume', atS: atS + forS });
    return forS;
  }

  #turn(speaker: number, atS: number): void {
    const volume = Math.max(0, Math.min(100, this.#liked + this.#random.between(-VOLUME_TURN, VOLUME_TURN)));
    this.#deeds.push({ kind: 'setVolume', atS, speaker, volume });
  }
}
