/** `tonearm simulate planted`: its flags; planting and searching is `simulators/planted`. */
import type { Command } from 'commander';
import { readChoice, readWholeNumber } from '#protocol/adapters/flag-values';
import { PLANTED_BUGS } from '#sim/planted/planted-bugs';
import { simulatePlanted } from '#sim/planted/simulate-planted';
import type { Act } from '../simulate-context.ts';

const SEEDS_MAX = 100_000;
const MINUTES_MAX = 1_440;
const JOBS_MAX = 64;

interface Flags {
  readonly bug?: string;
  readonly seeds: string;
  readonly minutes: string;
  readonly jobs: string;
  readonly sound?: string;
}

export function addPlanted(program: Command, act: Act): void {
  const names = PLANTED_BUGS.map(({ name }) => name);
  program
    .command('planted')
    .description('bugs planted in a copy of the source: which seed of the world finds each of them first')
    .option('--bug <name>', `one of ${names.join(', ')} (default: each in turn)`)
    .option('--seeds <n>', 'at most so many of each', '1000')
    .option('--minutes <n>', 'virtual time of each seed', '60')
    .option('--jobs <n>', 'processes that share the seeds', '1')
    .option('--sound <how>', 'modelled or real (default: as the bug needs it, else as the seed says, mostly modelled)')
    .action(
      act((context, flags: Flags) => {
        const whole = (flag: 'seeds' | 'minutes' | 'jobs', most: number): number =>
          readWholeNumber({ text: flags[flag], from: `--${flag}` }, 1, { least: 1, most });
        const given = flags.bug === undefined ? null : { text: flags.bug, from: '--bug' };
        const chosen = given === null ? null : readChoice(given, names[0] ?? '', names);
        const sound = flags.sound === undefined ? null : { text: flags.sound, from: '--sound' };
        return simulatePlanted(
          {
            bugs: PLANTED_BUGS.filter(({ name }) => chosen === null || name === chosen),
            seeds: whole('seeds', SEEDS_MAX),
            minutes: whole('minutes', MINUTES_MAX),
            jobs: whole('jobs', JOBS_MAX),
            ...(sound === null ? {} : { sound: readChoice(sound, 'modelled', ['modelled', 'real']) }),
          },
          context,
        );
      }),
    );
}
