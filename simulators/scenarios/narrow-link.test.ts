/** Music over links that are narrow, change, or fail for a while: the real engine on virtual time, at default settings. */
import { describe, expect, it } from 'vitest';
import { measureRide } from '#sim/listening/measure-commute';
import { createCommuteTrace, createLinkTrace } from '#sim/network/commute-trace';
import { SeededRandom } from '#sim/world/seeded-random';

const RIDE_MS = 330_000;
const NOT_SLOWER_MS = 1_000;

describe('a commute', () => {
  it('is not heard, at the seeds of a bad one and of usual ones', async () => {
    const rides = [];
    for (const seed of [2, 4, 7]) {
      rides.push(await measureRide(createCommuteTrace(new SeededRandom(seed), RIDE_MS), { seed }));
    }
    for (const { stalledShare, startDelayMs, changes } of rides) {
      expect(stalledShare).toBeLessThanOrEqual(0.005);
      expect(startDelayMs).toBeLessThanOrEqual(NOT_SLOWER_MS);
      expect(changes).toBeLessThanOrEqual(12);
    }
  }, 60_000);
});

describe('a steady link', () => {
  it.each([240, 450])(
    'of %i kbit/s, near to what a quality takes, is no reason to swing',
    async (kbps) => {
      const ride = await measureRide(createLinkTrace([{ untilMs: 1, kbps }]), { quality: { kind: 'best' } });
      const settled = ride.qualitiesKbps.slice(60);
      expect(new Set(settled).size).toBe(1);
      expect(ride.stalledShare).toBe(0);
      expect(ride.changes).toBeLessThanOrEqual(4);
    },
    60_000,
  );

  it('of a home is used for the best that was asked for, from the first boundaries on', async () => {
    const ride = await measureRide(createLinkTrace([{ untilMs: 1, kbps: 50_000 }]), {
      quality: { kind: 'best' },
      roundTripMs: 5,
    });
    expect(ride.startDelayMs).toBeLessThan(60);
    expect(ride.qualitiesKbps.filter((quality) => quality !== 320).length).toBeLessThanOrEqual(3);
  }, 60_000);
});
