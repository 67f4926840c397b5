/**
 * How people listen, as numbers: when, how long, what they skip, and how often a speaker is switched off. A model, made to
 * be of the right shape and stated in one place; what is measured is cited, what is assumed says so.
 */
import type { SeededRandom } from '#sim/world/seeded-random';

export const S_PER_HOUR = 3_600;
export const S_PER_DAY = 24 * S_PER_HOUR;

/**
 * Of a day's sessions, how many begin in each hour, midnight first; together 1. Assumed: low at night, a rise over
 * breakfast, even through the day, a peak from six to ten.
 */
export const BEGINNINGS_BY_HOUR: readonly number[] = [
  0.01, 0.005, 0.004, 0.004, 0.005, 0.011, 0.03, 0.05, 0.05, 0.04, 0.035, 0.036, 0.04, 0.04, 0.04, 0.045, 0.055, 0.07,
  0.09, 0.1, 0.1, 0.08, 0.05, 0.01,
];

/** Sessions of one person a day. Assumed. */
export const SESSIONS_PER_DAY = 4;
/** Tracks that a session begins with, on average; an album's worth. Assumed. */
export const TRACKS_PER_SESSION = 9;
export const TRACKS_PER_SESSION_MAX = 60;

/**
 * When plays are skipped (Lamere 2014, "The Skip"): 24.1 % within 5 s, 29.0 % within 10 s, 35.1 % within 30 s and 48.6 %
 * before the end. Between these points as many in each second.
 */
const SKIPPED_BY: readonly { readonly withinS: number; readonly part: number }[] = [
  { withinS: 5, part: 0.241 },
  { withinS: 10, part: 0.29 },
  { withinS: 30, part: 0.351 },
];
export const SKIPPED_BEFORE_END = 0.486;
/** Of those who listen for long, how often they turn the volume, in seconds of listening. Assumed. */
export const VOLUME_EVERY_S = 900;
/** Tracks heard whole that are paused once, and for how long. Assumed. */
export const PAUSED_PART = 0.06;
export const PAUSED_FOR_S = 90;
/** Sessions that begin where the person listens most. Assumed. */
export const AT_HOME_PART = 0.8;

/** Times a day that a speaker is switched off: a power strip, a cleaner, a child. Assumed. */
export const OFF_PER_DAY = 0.4;
/** Half of those times are shorter. Assumed, as is how far they spread. */
export const OFF_MEDIAN_S = 600;
const OFF_SPREAD = 1.4;
const OFF_S_MAX = S_PER_DAY / 2;
const OFF_S_MIN = 5;

/** How many times as likely as on average a session begins at that time of day. @param timeS since midnight, any day's */
export function listeningAt(timeS: number): number {
  const hour = Math.floor(timeS / S_PER_HOUR) % BEGINNINGS_BY_HOUR.length;
  return (BEGINNINGS_BY_HOUR[hour] ?? 0) * BEGINNINGS_BY_HOUR.length;
}

/** @returns after how many seconds a play of so many is skipped; null: it is heard to its end */
export function drawSkip(random: SeededRandom, lengthS: number): number | null {
  const drawn = random.fraction();
  if (drawn >= SKIPPED_BEFORE_END) return null;
  let before = { withinS: 0, part: 0 };
  const end = { withinS: Math.max(lengthS, before.withinS), part: SKIPPED_BEFORE_END };
  for (const point of [...SKIPPED_BY, end]) {
    if (drawn < point.part) {
      const along = (drawn - before.part) / (point.part - before.part);
      return Math.min(before.withinS + along * (point.withinS - before.withinS), lengthS);
    }
    before = point;
  }
  return null;
}

/** At least one, and on average `TRACKS_PER_SESSION`. */
export function drawTrackCount(random: SeededRandom): number {
  const goesOn = 1 - 1 / TRACKS_PER_SESSION;
  let count = 1;
  while (count < TRACKS_PER_SESSION_MAX && random.chance(goesOn)) count += 1;
  return count;
}

/** The wait for what happens by chance, every so often on average. */
export function drawWait(random: SeededRandom, everyS: number): number {
  return -Math.log(1 - random.fraction()) * everyS;
}

/** How long a speaker stays off: log-normal, by Box and Muller. */
export function drawOffFor(random: SeededRandom): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
  return Math.min(OFF_S_MAX, Math.max(OFF_S_MIN, OFF_MEDIAN_S * Math.exp(OFF_SPREAD * normal)));
}
