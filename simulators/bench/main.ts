/**
 * `npm run bench -- NAME… [--json FILE] [--smoke] [--rows A,B] [--hours N]`: runs benches, prints a table each, writes their reports.
 * Without a name it lists them (and with --smoke runs all); `--rows` is for benches that name theirs.
 */
import { writeFile } from 'node:fs/promises';
import { Argument, Command, CommanderError, InvalidArgumentError } from 'commander';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Bench, type BenchReport, createReport, renderReport } from './bench.ts';
import { connectBench } from './connect.bench.ts';
import { deliveryBench } from './delivery.bench.ts';
import { firstSoundBench } from './first-sound.bench.ts';
import { householdBench } from './household.bench.ts';
import { playerBench } from './player.bench.ts';
import { simulateBench } from './simulate.bench.ts';

const BENCHES: readonly Bench[] = [
  householdBench,
  firstSoundBench,
  deliveryBench,
  playerBench,
  connectBench,
  simulateBench,
];

/** An hour and more is for figures of memory; longer than a day says nothing new. */
const HOURS_MAX = 24;
const [EXIT_USAGE, EXIT_ON_INT, EXIT_ON_TERM] = [2, 130, 143];

interface BenchFlags {
  readonly json?: string;
  readonly smoke: boolean;
  readonly rows: readonly string[];
  readonly hours: number;
}

async function run(names: readonly string[], { json, smoke, rows, hours }: BenchFlags): Promise<void> {
  if (names.length === 0 && !smoke) {
    for (const bench of BENCHES) console.log(`${bench.name.padEnd(12)} ${bench.about}`);
    return;
  }
  const reports: BenchReport[] = [];
  for (const bench of names.length === 0 ? BENCHES : BENCHES.filter(({ name }) => names.includes(name))) {
    const figures = await bench.run({ isSmoke: smoke, rows, hours, say: (line) => console.error(line) });
    const report = createReport(bench.name, figures, new Date());
    console.log(renderReport(report));
    reports.push(report);
  }
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2)}\n`);
  }
}

function parseHours(text: string): number {
  const hours = Number(text);
  if (text.trim() !== '' && hours >= 0 && hours <= HOURS_MAX) return hours;
  throw new InvalidArgumentError(`expected 0 to ${HOURS_MAX} hours`);
}

const program = new Command('bench')
  .description('Measures, and sets what was measured beside what it must be. Without a name: lists the benches.')
  .addArgument(new Argument('[names...]', 'benches to run').choices(BENCHES.map(({ name }) => name)))
  .option('--json <file>', 'write the reports there too')
  .option('--smoke', 'only see that they run, each in seconds; without a name all of them', false)
  .option('--rows <a,b>', 'of a bench that names its rows', (text) => text.split(',').filter((row) => row !== ''), [])
  .option('--hours <n>', 'how long to play where memory is measured over hours', parseHours, 0)
  .exitOverride()
  .action(run);

// Ended by hand or by a time limit: what was started ends too, which it does when this exits.
process.once('SIGINT', () => process.exit(EXIT_ON_INT));
process.once('SIGTERM', () => process.exit(EXIT_ON_TERM));
try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    // Help is no failure, and what was wrong has been said.
    process.exitCode = thrown.exitCode === 0 ? 0 : EXIT_USAGE;
  } else {
    if (!(thrown instanceof TonearmError) || thrown.code !== 'input.invalid') throw thrown;
    console.error(thrown.message);
    process.exitCode = EXIT_USAGE;
  }
}
