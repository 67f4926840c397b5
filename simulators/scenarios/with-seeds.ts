/**
 * Runs a scenario under many seeds (as many as TONEARM_SEEDS says), or under the one in TONEARM_SEED. A failing seed is printed with the whole timeline
 * of its run and the line that has it again.
 */
import { expect } from 'vitest';
import { SeededRandom } from '#sim/world/seeded-random';
import { World, type WorldOptions } from '#sim/world/world';

/** Seeds of one scenario; each costs milliseconds. */
const SEEDS_DEFAULT = 50;
const SEED_VARIABLE = 'TONEARM_SEED';
const COUNT_VARIABLE = 'TONEARM_SEEDS';

export interface SeedOptions {
  /** How many. */
  readonly seeds?: number;
  /** The first of them; 1 when not given. */
  readonly from?: number;
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

/**
 * The same for a scenario that needs no household: a part alone, in a world of its own.
 * @throws the first seed's failure, with how to have it again
 */
export async function forSeeds(
  scenario: (random: SeededRandom, seed: number) => Promise<void>,
  options: SeedOptions = {},
): Promise<void> {
  for (const seed of chooseSeeds(options)) {
    try {
      await scenario(new SeededRandom(seed).fork('scenario'), seed);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`seed ${seed}: ${reason}\nagain: ${replayLine(seed)}\n`, { cause: error });
    }
  }
}

function chooseSeeds({ seeds = SEEDS_DEFAULT, from = 1 }: SeedOptions): readonly number[] {
  const only = numberIn(SEED_VARIABLE);
  if (only !== null) return [only];
  return Array.from({ length: numberIn(COUNT_VARIABLE) ?? seeds }, (_, place) => place + from);
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
  const text = `seed ${world.seed}: ${reason}\nagain: ${replayLine(world.seed)}\n\n${world.timeline.text()}\n`;
  return new Error(text, { cause: error });
}

function replayLine(seed: number): string {
  const test = expect.getState().currentTestName ?? 'the scenario';
  return `${SEED_VARIABLE}=${seed} npm run unit -- simulators/scenarios -t '${test}'`;
}
