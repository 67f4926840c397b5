/** A field recording made a scenario: the recording itself, cut and thinned, and a test that says what is decided. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TonearmError } from '#protocol/vocabulary/errors';
import { FLIGHT_SUFFIX, type FlightEntry, type FlightRecord } from '#protocol/wire/flight-record';
import { replay } from './replay.ts';

/** What a repository is asked to carry for one glitch; a longer recording is cut with `--until`. */
export const KEPT_BYTES_MAX = 60 * 1024;
const TEST_PATH = /^(?:.*\/)?([a-z0-9]+(?:-[a-z0-9]+)*)\.test\.ts$/;
const US_PER_S = 1_000_000;
const FOLDER = 'recordings';

export interface WrittenTest {
  readonly test: string;
  readonly recording: string;
  readonly sizeBytes: number;
}

/**
 * @param path of the test, `…/NAME.test.ts`; the recording goes to `recordings/NAME.flight.jsonl` beside it
 * @throws TonearmError `input.invalid` for another path, `input.too-large` for a recording that is too long
 */
export async function writeTest(record: FlightRecord, untilS: number | null, path: string): Promise<WrittenTest> {
  const name = TEST_PATH.exec(path)?.[1];
  if (name === undefined) {
    throw new TonearmError('input.invalid', `--to-test ${path}: must end in NAME.test.ts, in small letters`, {
      field: '--to-test',
    });
  }
  const kept = trim(record, untilS);
  const text = [kept.header, ...kept.entries].map((line) => `${JSON.stringify(line)}\n`).join('');
  if (text.length > KEPT_BYTES_MAX) {
    const message = `the recording is ${text.length} bytes long, kept are ${KEPT_BYTES_MAX}: cut it with --until`;
    throw new TonearmError('input.too-large', message, { field: '--to-test' });
  }
  const outcome = await replay(kept);
  const recording = join(dirname(path), FOLDER, `${name}${FLIGHT_SUFFIX}`);
  await mkdir(dirname(recording), { recursive: true });
  await writeFile(recording, text);
  await writeFile(
    path,
    testText(name, {
      decided: outcome.now.map(({ words }) => words),
      isAsThen: outcome.divergences.length === 0,
      role: outcome.role,
    }),
  );
  return { test: path, recording, sizeBytes: text.length };
}

/** Without what neither side decides by. */
function trim({ header, entries }: FlightRecord, untilS: number | null): FlightRecord {
  const untilUs = untilS === null ? Number.POSITIVE_INFINITY : untilS * US_PER_S;
  return { header, entries: entries.filter((entry) => entry.t <= untilUs && !isIdle(entry)), isTorn: false };
}

/** Probes are answered from what is said today; hints and doors decide nothing here. */
function isIdle({ port, event }: FlightEntry): boolean {
  if (port === 'link' && event.kind === 'sent') return ['timeProbe', 'timeReply'].includes(event.message.kind);
  return port === 'engine' && event.kind === 'told' && ['setHints', 'setBridge'].includes(event.intent.kind);
}

function testText(
  name: string,
  {
    decided,
    isAsThen,
    role,
  }: { readonly decided: readonly string[]; readonly isAsThen: boolean; readonly role: string },
): string {
  const words = decided.map((it) => `      ${JSON.stringify(it).replace(/^"(.*)"$/, "'$1'")},\n`).join('');
  const same = isAsThen ? '    expect(outcome.divergences).toEqual([]);\n' : '';
  return `/** A recording from the field, played to today's ${role}: what it decides is what is written here. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readRecording } from '#sim/replay/read-recording';
import { replay } from '#sim/replay/replay';

const RECORDING = join(import.meta.dirname, '${FOLDER}', '${name}${FLIGHT_SUFFIX}');

it('${name.replaceAll('-', ' ')}: a recorded ${role} decides as it should', async () => {
  const outcome = await replay(await readRecording(RECORDING));
  expect(outcome.problems).toEqual([]);
${same.replace('    ', '  ')}  expect(outcome.now.map(({ words }) => words)).toEqual([
${words.replaceAll('      ', '    ')}  ]);
});
`;
}
