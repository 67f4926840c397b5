import { describe, expect, it } from 'vitest';
import type { FlightLimits } from '#protocol/kit/flight-recorder';
import { RecordedHouse } from './recorded-house.ts';
import { type ReplayOutcome, replay } from './replay.ts';

const SEEDS = 8;
const ACTS = 40;
/** About the last third of it. */
const MIDDLE: FlightLimits = { windowUs: 30_000_000, weight: 10_000_000 };
/** Of one seed's house; each party's last is compared. */
const COMPARED_LEAST = 20;

async function replaysOf(seed: number, limits?: FlightLimits): Promise<readonly ReplayOutcome[]> {
  const house = new RecordedHouse(seed, limits);
  await house.live(ACTS);
  const records = house.records();
  await house.stop();
  const outcomes: ReplayOutcome[] = [];
  for (const record of records) outcomes.push(await replay(record));
  return outcomes;
}

describe.each(Array.from({ length: SEEDS }, (_, place) => place + 1))('a house of seed %i, recorded', (seed) => {
  it('is decided alike by every party, alone with its recording', async () => {
    const outcomes = await replaysOf(seed);
    for (const { role, divergences, problems } of outcomes) {
      expect({ role, divergences, problems }).toEqual({ role, divergences: [], problems: [] });
    }
    expect(outcomes.reduce((sum, { compared }) => sum + compared, 0)).toBeGreaterThan(ACTS);
  });

  it('is decided alike from the middle on, when the beginning has left the ring', async () => {
    const outcomes = await replaysOf(seed, MIDDLE);
    for (const { role, divergences, problems } of outcomes) {
      expect({ role, divergences, problems }).toEqual({ role, divergences: [], problems: [] });
    }
    expect(outcomes.reduce((sum, { compared }) => sum + compared, 0)).toBeGreaterThan(COMPARED_LEAST);
  });
});
