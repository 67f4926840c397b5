/** `tonearm simulate world`: its flags; the worlds themselves are `simulators/plans`. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { fail, readChoice, readWholeNumber } from '#protocol/adapters/flag-values';
import type { SeedRange } from '#sim/plans/play-seeds';
import { simulatePlan, simulateWorld, type WorldOptions } from '#sim/plans/simulate-world';
import { addReportFlags, type ReportPaths } from '#sim/report/write-report';
import type { Act } from '../simulate-context.ts';

const SEED_MAX = 999_999_999;
const MINUTES_PER_DAY = 1_440;
const DAYS_MAX = 366;
const MINUTES_MAX = DAYS_MAX * MINUTES_PER_DAY;
const MINUTES_DEFAULT = 60;
const PEOPLE_MAX = 9;
const JOBS_MAX = 64;

interface Flags extends ReportPaths {
  readonly seed?: string;
  readonly seeds?: string;
  readonly minutes?: string;
  readonly days?: string;
  readonly speakers?: string;
  readonly phones?: string;
  readonly sound?: string;
  readonly plan?: string;
  readonly jobs: string;
  readonly shrink: boolean;
  readonly first?: true;
  readonly keep: string;
}

export function addWorld(program: Command, act: Act): void {
  const command = program
    .command('world')
    .description('households in virtual time: anything is pressed, anything breaks, and every promise is held to')
    .option('--seeds <from..to>', 'one household each, e.g. 1..1000')
    .option('--seed <n>', 'one household (default: 1)')
    .option('--minutes <n>', `virtual time of each (default: ${MINUTES_DEFAULT})`)
    .option('--days <n>', 'the same in days: people then listen some hours a day, and sleep')
    .option('--speakers <n>', `at most ${PEOPLE_MAX} (default: as the seed says)`)
    .option('--phones <n>', `at most ${PEOPLE_MAX} (default: as the seed says)`)
    .option('--sound <how>', 'modelled, or real: every sample is computed (default: as the seed says, mostly modelled)')
    .option('--jobs <n>', 'processes that share the seeds', '1')
    .option('--first', 'end with the first seed that fails')
    .option('--no-shrink', 'do not look for the smallest plan that fails as a failing seed does')
    .option('--keep <folder>', 'where shrunk plans and their stories are written', '.')
    .option('--plan <file>', 'play this plan, and tell its story');
  addReportFlags(command).action(
    act((context, flags: Flags) =>
      flags.plan === undefined
        ? simulateWorld(optionsOf(flags), context)
        : simulatePlan(flags.plan, { json: flags.json, report: flags.report }, context),
    ),
  );
}

function optionsOf(flags: Flags): WorldOptions {
  const given = (flag: keyof Flags & string) => {
    const text = flags[flag];
    return text === undefined ? null : { text: String(text), from: `--${flag}` };
  };
  const whole = (flag: keyof Flags & string, otherwise: number, least: number, most: number): number =>
    readWholeNumber(given(flag), otherwise, { least, most });
  const { speakers, phones, sound, days } = flags;
  const minutes =
    days === undefined
      ? whole('minutes', MINUTES_DEFAULT, 1, MINUTES_MAX)
      : whole('days', 1, 1, DAYS_MAX) * MINUTES_PER_DAY;
  const range = readRange(flags, () => whole('seed', 1, 0, SEED_MAX));
  return {
    range,
    wishes: {
      minutes,
      ...(speakers === undefined ? {} : { speakers: whole('speakers', 1, 1, PEOPLE_MAX) }),
      ...(phones === undefined ? {} : { phones: whole('phones', 1, 1, PEOPLE_MAX) }),
      ...(sound === undefined ? {} : { sound: readChoice(given('sound'), 'modelled', ['modelled', 'real']) }),
    },
    parameters: {
      ...(range.from === range.to ? { seed: range.from } : { seeds: `${range.from}..${range.to}` }),
      ...(days === undefined ? { minutes } : { days: Number(days) }),
      ...(speakers === undefined ? {} : { speakers: Number(speakers) }),
      ...(phones === undefined ? {} : { phones: Number(phones) }),
      ...(sound === undefined ? {} : { sound }),
    },
    jobs: whole('jobs', 1, 1, JOBS_MAX),
    isShrinking: flags.shrink,
    isFirstOnly: flags.first === true,
    folder: resolve(flags.keep),
    paths: { json: flags.json, report: flags.report },
  };
}

function readRange({ seeds }: Flags, one: () => number): SeedRange {
  if (seeds === undefined) {
    const seed = one();
    return { from: seed, to: seed };
  }
  const [, from, to] = /^(\d{1,9})\.\.(\d{1,9})$/.exec(seeds) ?? [];
  const range = { from: Number(from), to: Number(to) };
  if (range.from <= range.to) return range;
  return fail(
    { text: seeds, from: '--seeds' },
    `must be two whole numbers, e.g. 1..1000, not ${JSON.stringify(seeds)}`,
  );
}
