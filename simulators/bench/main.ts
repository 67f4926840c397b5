/**
 * `npm run bench -- NAME… [--json FILE] [--smoke] [--rows A,B] [--hours N]`: runs benches, prints a table each, writes their reports.
 * Without a name it lists them (and with --smoke runs all); `--rows` is for benches that name theirs.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
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

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      rows: { type: 'string', default: '' },
      hours: { type: 'string', default: '0' },
    },
  });
  const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown.length > 0 || (positionals.length === 0 && !values.smoke)) {
    if (unknown.length > 0) console.error(`no bench named ${unknown.join(', ')}`);
    for (const bench of BENCHES) console.log(`${bench.name.padEnd(12)} ${bench.about}`);
    return unknown.length > 0 ? 2 : 0;
  }
  const chosen = positionals.length === 0 ? BENCHES : BENCHES.filter((bench) => positionals.includes(bench.name));
  const rows = values.rows.split(',').filter((row) => row !== '');
  const reports: BenchReport[] = [];
  for (const bench of chosen) {
    const figures = await bench.run({
      isSmoke: values.smoke,
      rows,
      hours: Number(values.hours),
      say: (line) => console.error(line),
    });
    const report = createReport(bench.name, figures, new Date());
    console.log(renderReport(report));
    reports.push(report);
  }
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2)}\n`);
  }
  return 0;
}

// Ended by hand or by a time limit: what was started ends too, which it does when this exits.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(code));
try {
  process.exitCode = await main();
} catch (thrown) {
  if (!(thrown instanceof TonearmError) || thrown.code !== 'input.invalid') throw thrown;
  console.error(thrown.message);
  process.exitCode = 2;
}
