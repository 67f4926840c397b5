/** `tonearm simulate household`: its flags; the household itself is `simulators/day`. */
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { readPort, readWholeNumber } from '#protocol/adapters/flag-values';
import { PEOPLE_NAMES, ROOM_NAMES } from '#sim/day/house-names';
import { simulateHousehold } from '#sim/day/simulate-household';
import { addReportFlags } from '#sim/report/write-report';
import type { Act } from '../simulate-context.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const SEED_MAX = 999_999_999;
/** A day in real time: nobody needs a slower one. */
const MINUTES_MAX = 1_440;

interface Flags {
  readonly rooms?: string;
  readonly phones?: string;
  readonly seed?: string;
  readonly minutes?: string;
  readonly day: boolean;
  readonly port?: string;
  readonly music?: string;
  readonly sink?: string;
  readonly mdns?: true;
  readonly json?: string;
  readonly report?: string;
}

export function addHousehold(program: Command, act: Act): void {
  const command = program
    .command('household')
    .description('a bridge, speakers and phones as real processes: a day of theirs in ten minutes')
    .option('--rooms <n>', `speakers, at most ${ROOM_NAMES.length} (default: 4)`)
    .option('--phones <n>', `people with a phone each, at most ${PEOPLE_NAMES.length} (default: 2)`)
    .option('--seed <n>', 'which day it is (default: 1)')
    .option('--minutes <n>', 'how long the day takes (default: 10)')
    .option('--no-day', 'nobody does anything: it stands for you to play with, until Ctrl-C')
    .option('--port <n>', 'of the bridge (default: 4747, or the next free one)')
    .option('--music <folder>', 'your own music (default: a sample album, composed here)')
    .option('--sink <sink>', 'where speakers play, as the speaker itself takes it (default: virtual)')
    .option('--mdns', 'announce bridge and speakers on the network');
  addReportFlags(command).action(act((context, flags: Flags) => simulateHousehold(optionsOf(flags), context)));
}

function optionsOf(flags: Flags): Parameters<typeof simulateHousehold>[0] {
  const whole = (
    flag: 'rooms' | 'phones' | 'seed' | 'minutes',
    otherwise: number,
    least: number,
    most: number,
  ): number => {
    const text = flags[flag];
    return readWholeNumber(text === undefined ? null : { text, from: `--${flag}` }, otherwise, { least, most });
  };
  return {
    rooms: whole('rooms', 4, 1, ROOM_NAMES.length),
    phones: whole('phones', 2, flags.day ? 1 : 0, PEOPLE_NAMES.length),
    seed: whole('seed', 1, 0, SEED_MAX),
    minutes: whole('minutes', 10, 1, MINUTES_MAX),
    hasDay: flags.day,
    port: flags.port === undefined ? null : readPort({ text: flags.port, from: '--port' }, 0),
    musicFolder: flags.music === undefined ? null : resolve(flags.music),
    // Where `npm start` has it too: it is composed once.
    albumFolder: join(ROOT, '.tonearm', 'sample-album'),
    sink: flags.sink ?? 'virtual',
    hasMdns: flags.mdns === true,
    json: flags.json,
    report: flags.report,
  };
}
