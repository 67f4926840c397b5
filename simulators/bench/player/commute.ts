/** A ride through the city on a phone's 3G, in virtual time and with the real engine, at the settings it ships with. */
import { measureRide } from '#sim/listening/measure-commute';
import { createCommuteTrace } from '#sim/network/commute-trace';
import { SeededRandom } from '#sim/world/seeded-random';
import { createFigure, type Figure } from '../bench.ts';
import type { RowContext } from './row.ts';

/** Longer than what is played. */
const RIDE_MS = 20 * 60_000;

export async function measureCommute(row: RowContext): Promise<readonly Figure[]> {
  const stalled: number[] = [];
  const starts: number[] = [];
  for (let seed = 1; seed <= row.rounds; seed += 1) {
    const ride = await measureRide(createCommuteTrace(new SeededRandom(seed), RIDE_MS), { seed });
    stalled.push(ride.stalledShare * 100);
    starts.push(ride.startDelayMs);
    const [least, most] = [Math.min(...ride.qualitiesKbps), Math.max(...ride.qualitiesKbps)];
    row.say(`ride ${seed}: ${ride.changes} changes of quality between ${least} and ${most} kbit/s`);
  }
  return [
    createFigure({
      ...{ key: '3G commute, modelled: stalled time, worst of the rides', unit: '%', values: [Math.max(...stalled)] },
      ...{ must: 0.5, reach: 0, better: 'lower' },
    }),
    createFigure({
      ...{ key: '3G commute, modelled: start delay', unit: 'ms', values: starts, better: 'lower' },
      ...{ must: 1_000, reach: 300 },
    }),
  ];
}
