/** `tonearm simulate replay`: its flags; the replay itself is `simulators/replay`. */
import type { Command } from 'commander';
import { TonearmError } from '#protocol/vocabulary/errors';
import { simulateReplay } from '#sim/replay/simulate-replay';
import { addReportFlags } from '#sim/report/write-report';
import type { Act } from '../simulate-context.ts';

interface Flags {
  readonly until?: string;
  readonly story?: true;
  readonly toTest?: string;
  readonly json?: string;
  readonly report?: string;
}

export function addReplay(program: Command, act: Act): void {
  const command = program
    .command('replay')
    .description('a flight record of a speaker or a bridge, run against today’s code')
    .argument('<file>', 'what the flight recorder left, …flight.jsonl')
    .option('--until <seconds>', 'only the beginning of it')
    .option('--story', 'say what came in and what was decided, line by line')
    .option('--to-test <file>', 'make a test of it, e.g. simulators/scenarios/two-thumbs.test.ts');
  addReportFlags(command).action(
    act(async (context, file: string, { until, story, toTest, json, report }: Flags) => {
      const options = { file, until: readSeconds(until), hasStory: story === true, toTest: toTest ?? null };
      const isAsThen = await simulateReplay({ ...options, json, report }, (line) => context.print(line));
      return isAsThen ? 0 : 1;
    }),
  );
}

function readSeconds(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new TonearmError('input.invalid', `--until must be seconds, not ${JSON.stringify(text)}`, { field: '--until' });
}
