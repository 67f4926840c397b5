/**
 * Runs a scenario under many seeds (as many as TONEARM_SEEDS says), or under the one in TONEARM_SEED. A failing seed is printed with the whole timeline
 * of its run and the line that has it again.
 */
import { expect } from 'vitest';
import { World, type WorldOptions } from '#sim/world/world';

/** Seeds of one scenario; each costs milliseconds. */
const SEEDS_DEFAULT = 50;
const SEED_VARIABLE = 'TONEARM_SEED';
const COUNT_VARIABLE = 'TONEARM_SEEDS';

export interface SeedOptions {
  /** How many, from 1 on. */
  readonly seeds?: number;
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
  for (const seed of chooseSeeds(options)) {
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

function chooseSeeds({ seeds = SEEDS_DEFAULT }: SeedOptions): readonly number[] {
  const only = numberIn(SEED_VARIABLE);
  if (only !== null) return [only];
  return Array.from({ length: numberIn(COUNT_VARIABLE) ?? seeds }, (_, place) => place + 1);
}

function numberIn(variable: string): number | null {
  const text = process.env[variable] ?? '';
  if (text === '') return null;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${variable} is a whole number, got ${text}`);
  return value;
}

function describeFailure(world: World, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const test = expect.getState().currentTestName ?? 'the scenario';
  const replay = `${SEED_VARIABLE}=${world.seed} npm run unit -- simulators/scenarios -t '${test}'`;
  return new Error(`seed ${world.seed}: ${reason}\nagain: ${replay}\n\n${world.timeline.text()}\n`, { cause: error });
}
