/** `tonearm simulate replay`: a recording run again, what came of it said and written. */
import { checkReportPaths, type ReportPaths, writeReport } from '#sim/report/write-report';
import { readRecording } from './read-recording.ts';
import { type ReplayOutcome, replay } from './replay.ts';
import { replayReport } from './replay-report.ts';
import { storyLine, storyOf } from './replay-story.ts';
import { writeTest } from './write-test.ts';

export interface ReplayOptions extends ReportPaths {
  readonly file: string;
  /** Seconds of the recording; null: all of it. */
  readonly until: number | null;
  readonly hasStory: boolean;
  /** Where a test is written; null: none is. */
  readonly toTest: string | null;
}

/** @param print one line for who asked. @returns whether all was decided as then, and no promise broken */
export async function simulateReplay(options: ReplayOptions, print: (line: string) => void): Promise<boolean> {
  checkReportPaths(options);
  const record = await readRecording(options.file);
  const outcome = await replay(record, options.until);
  if (options.hasStory) for (const event of storyOf(record, outcome)) print(storyLine(event));
  for (const line of verdictOf(outcome)) print(line);
  if (record.isTorn) print('The last line of the recording is cut off, and was left out.');
  await writeReport(replayReport(record, outcome, options), options);
  if (options.toTest !== null) {
    const { test, recording, sizeBytes } = await writeTest(record, options.until, options.toTest);
    print(`Written: ${test}, ${recording} (${sizeBytes} bytes)`);
  }
  return outcome.divergences.length === 0 && outcome.problems.length === 0;
}

function verdictOf({ role, seconds, compared, divergences, problems }: ReplayOutcome): readonly string[] {
  const [first, ...others] = divergences;
  const span = `${seconds.toFixed(1)} s of a ${role}`;
  const more = others.length === 0 ? '' : `, and then ${others.length} more`;
  const count = `${compared} ${compared === 1 ? 'decision' : 'decisions'}`;
  const decided =
    first === undefined
      ? `${span}: ${count}, all as they were then.`
      : `${span}: decided otherwise at ${(first.t / 1_000_000).toFixed(3)} s${more}: ${first.what}.`;
  return [decided, ...problems.map((problem) => `A promise is broken: ${problem}.`)];
}
