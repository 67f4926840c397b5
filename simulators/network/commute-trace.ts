/**
 * A model of what a phone's 3G carries on the way to work, seeded: bandwidth that wanders between 50 kbit/s and 4 Mbit/s
 * as cells come and go, with outages of some seconds where there is no cell (a tunnel, a hand-over that fails).
 *
 * The features are those of published traces of such rides (HSDPA on bus, train and underground: seconds to tens of
 * seconds at one level, means of about 1 Mbit/s, several outages a ride); the numbers are ours. It is a model: it shows
 * that nothing breaks, not how often a certain city stutters.
 */
import type { SeededRandom } from '#sim/world/seeded-random';

export const COMMUTE_KBPS = { least: 50, most: 4_000 } as const;
/** Time at about one level: as long as one is in reach of one cell. */
const LEVEL_MS = { least: 3_000, most: 20_000 } as const;
/** Around its level bandwidth changes each second by up to this factor. */
const JITTER_FACTOR = 1.6;
const STEP_MS = 1_000;
/** One level in so many is an outage. */
const OUTAGE_CHANCE = 0.12;
const OUTAGE_MS = { least: 2_000, most: 12_000 } as const;

export interface LinkStep {
  readonly untilMs: number;
  /** Zero: nothing comes through. */
  readonly kbps: number;
}

/** How much a link carries at any time; the last step goes on for ever. */
export interface LinkTrace {
  readonly steps: readonly LinkStep[];
  kbpsAt(ms: number): number;
}

export function createLinkTrace(steps: readonly LinkStep[]): LinkTrace {
  return {
    steps,
    kbpsAt: (ms) => (steps.find(({ untilMs }) => ms < untilMs) ?? steps.at(-1))?.kbps ?? 0,
  };
}

/** @param lengthMs of the ride; after it the last level goes on */
export function createCommuteTrace(random: SeededRandom, lengthMs: number): LinkTrace {
  const steps: LinkStep[] = [];
  const [low, high] = [Math.log(COMMUTE_KBPS.least), Math.log(COMMUTE_KBPS.most)];
  let atMs = 0;
  while (atMs < lengthMs) {
    // Nobody gets on where there is no cell.
    if (atMs > 0 && random.chance(OUTAGE_CHANCE)) {
      atMs += random.between(OUTAGE_MS.least, OUTAGE_MS.most);
      steps.push({ untilMs: atMs, kbps: 0 });
    }
    // The mean of two draws: the extremes are rarer than what lies between.
    const level = low + ((random.fraction() + random.fraction()) / 2) * (high - low);
    const endMs = atMs + random.between(LEVEL_MS.least, LEVEL_MS.most);
    while (atMs < endMs) {
      atMs += STEP_MS;
      const jittered = level + (random.fraction() * 2 - 1) * Math.log(JITTER_FACTOR);
      steps.push({ untilMs: atMs, kbps: Math.exp(Math.min(high, Math.max(low, jittered))) });
    }
  }
  return createLinkTrace(steps);
}
