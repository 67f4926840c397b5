import { describe, expect, it } from 'vitest';
import { SeededRandom } from '#sim/world/seeded-random';
import { COMMUTE_KBPS, createCommuteTrace } from './commute-trace.ts';

const RIDE_MS = 20 * 60_000;

describe('the model of a commute', () => {
  it('is the same for the same seed, and stays between its bounds but for outages', () => {
    const [one, same, other] = [1, 1, 2].map((seed) => createCommuteTrace(new SeededRandom(seed), RIDE_MS));
    expect(one?.steps).toEqual(same?.steps);
    expect(one?.steps).not.toEqual(other?.steps);
    for (const { kbps } of one?.steps ?? []) {
      expect(kbps === 0 || (kbps >= COMMUTE_KBPS.least - 0.001 && kbps <= COMMUTE_KBPS.most + 0.001)).toBe(true);
    }
    expect(one?.kbpsAt(0)).toBe(one?.steps[0]?.kbps);
    expect(one?.kbpsAt(RIDE_MS * 2)).toBe(one?.steps.at(-1)?.kbps);
  });

  it('has outages of seconds, slow stretches and fast ones', () => {
    for (const seed of [1, 2, 3]) {
      const { steps } = createCommuteTrace(new SeededRandom(seed), RIDE_MS);
      const outages = steps.flatMap(({ untilMs, kbps }, place) =>
        kbps === 0 ? [untilMs - (steps[place - 1]?.untilMs ?? 0)] : [],
      );
      expect(outages.length).toBeGreaterThan(3);
      expect(Math.max(...outages)).toBeGreaterThan(5_000);
      expect(steps.some(({ kbps }) => kbps > 0 && kbps < 160)).toBe(true);
      expect(steps.some(({ kbps }) => kbps > 1_500)).toBe(true);
    }
  });
});
