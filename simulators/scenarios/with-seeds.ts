/**
 * Runs a scenario under many seeds, or under the one in TONEARM_SEED. A failing seed is printed with the whole timeline
 * of its run and the line that has it again.
 */
import { expect } from 'vitest';
import { World, type WorldOptions } from '#sim/world/world';

/** Seeds of one scenario; each costs milliseconds. */
const SEEDS_DEFAULT = 50;
const SEED_VARIABLE = 'TONEARM_SEED';

export interface SeedOptions {
  /** How many, from 1 on. */
  readonly seeds?: number;
  /** Given: one seed instead of many. */
  readonly only?: string | undefined;
}

/**
 * @param scenario what happens; the world is started before it and stopped after it, and both must succeed
 * @throws the first seed's failure, with its timeline
 */
export async function withSeeds(
  world: WorldOptions,
  scenario: (world: World) => Promise<void>,
  options: SeedOptions = {},
): Promise<void> {
  for (const seed of seedsOf({ only: process.env[SEED_VARIABLE], ...options })) {
    const household = new World(seed, world);
    try {
      await household.start();
      await scenario(household);
      await household.stop();
    } catch (error) {
      throw describeFailure(household, error);
    }
  }
}

function seedsOf({ seeds = SEEDS_DEFAULT, only }: SeedOptions): readonly number[] {
  if (only === undefined || only === '') return Array.from({ length: seeds }, (_, place) => place + 1);
  const seed = Number(only);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`${SEED_VARIABLE} is a whole number, got ${only}`);
  return [seed];
}

function describeFailure(world: World, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const test = expect.getState().currentTestName ?? 'the scenario';
  const replay = `${SEED_VARIABLE}=${world.seed} npm run unit -- simulators/scenarios -t '${test}'`;
  return new Error(`seed ${world.seed}: ${reason}\nagain: ${replay}\n\n${world.timeline.text()}\n`, { cause: error });
}
