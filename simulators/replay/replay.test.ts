import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPseudonym } from '#protocol/adapters/flight-box';
import type { FlightLimits } from '#protocol/kit/flight-recorder';
import { renderFlight } from '#protocol/kit/flight-text';
import { silentLogger } from '#protocol/kit/silent-logger';
import { type FlightEntry, parseFlightRecord } from '#protocol/wire/flight-record';
import { runSimulate } from '#sim/command-line/program';
import { readRecording } from './read-recording.ts';
import { replay } from './replay.ts';
import { replayBridge } from './replay-bridge.ts';
import { replaySpeaker } from './replay-speaker.ts';

const FOLDER = join(import.meta.dirname, '..', 'scenarios', 'recordings');
const SPEAKER = join(FOLDER, 'bridge-away.flight.jsonl');
const BRIDGE = join(FOLDER, 'bridge-back.flight.jsonl');
/** Rings so small that the beginning is long gone: of the speaker's while its bridge is away, too. */
const short = (windowUs: number): FlightLimits => ({ windowUs, weight: 1_000_000 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tonearm-replay-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function simulate(...words: readonly string[]) {
  const printed: string[] = [];
  const said: string[] = [];
  const interrupted = new AbortController().signal;
  const context = { print: (it: string) => printed.push(it), say: (it: string) => said.push(it), interrupted };
  const exitCode = await runSimulate(['replay', ...words], context);
  return { exitCode, printed, said: said.join('\n') };
}

describe('a recording, replayed', () => {
  it.each([SPEAKER, BRIDGE])('%s: gives the same story and report twice, to the byte', async (file) => {
    const page = join(folder, 'run.html');
    const json = join(folder, 'run.json');
    const first = await simulate(file, '--story', '--report', page, '--json', json);
    const [firstPage, firstJson] = [await readFile(page, 'utf8'), await readFile(json, 'utf8')];
    const second = await simulate(file, '--story', '--report', page, '--json', json);
    expect(second).toEqual(first);
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.printed.at(-1)).toContain('all as they were then');
    expect(await readFile(page, 'utf8')).toBe(firstPage);
    expect(await readFile(json, 'utf8')).toBe(firstJson);
  });

  it('names the first decision that is another', async () => {
    const record = await readRecording(SPEAKER);
    const entries = record.entries.map((entry) => withVolume(entry, 90));
    const { divergences } = await replay({ ...record, entries });
    expect(divergences[0]?.what).toBe('then it sets its volume to 25, today it sets its volume to 90');
  });

  it('presses the buttons that were pressed', async () => {
    const record = await readRecording(SPEAKER);
    const middle = Math.floor(record.entries.length / 2);
    const [before, after] = [record.entries.slice(0, middle), record.entries.slice(middle)];
    const event = { kind: 'pressed', body: { kind: 'setVolume', volume: 33 } } as const;
    const pressed: FlightEntry = { t: before.at(-1)?.t ?? 0, port: 'button', event };
    const { divergences } = await replay({ ...record, entries: [...before, pressed, ...after] });
    expect(divergences[0]?.what).toContain('today it sets its volume to 33');
  });

  it('is cut where one says', async () => {
    const outcome = await replay(await readRecording(SPEAKER), 1);
    expect(outcome.seconds).toBe(1);
    expect(outcome.divergences).toEqual([]);
    expect(outcome.now.some(({ words }) => words.includes('seek'))).toBe(false);
  });

  it('finds a promise that is broken', async () => {
    const record = await readRecording(SPEAKER);
    const { problems } = await replay({ ...record, entries: record.entries.map(withPositionGoneBack) });
    expect(problems.join()).toContain('went back');
  });

  it.each([
    ['speaker', 'its end', SPEAKER, replaySpeaker, short(9_000_000), 10],
    ['speaker', 'no bridge', SPEAKER, replaySpeaker, short(5_500_000), 5],
    ['bridge', 'its end', BRIDGE, replayBridge, short(1_300_000), 2],
  ] as const)('of a %s from the middle (%s) is decided alike', async (_role, _where, file, run, limits, least) => {
    const whole = await readRecording(file);
    const how = { untilUs: Number.POSITIVE_INFINITY, createLogger: () => silentLogger, limits };
    const { held } = await run(whole, how);
    expect(held.isWhole).toBe(false);
    const parsed = parseFlightRecord(renderFlight(held, { ...whole.header }, createPseudonym()));
    if (!parsed.ok) throw parsed.error;
    const outcome = await replay(parsed.value);
    expect(outcome.divergences).toEqual([]);
    expect(outcome.problems).toEqual([]);
    expect(outcome.compared).toBeGreaterThanOrEqual(least);
  });
});

describe('tonearm simulate replay', () => {
  it.each([
    [[], 'missing required argument'],
    [['nowhere.flight.jsonl'], 'nowhere.flight.jsonl cannot be read'],
    [[SPEAKER, '--until', 'noon'], '--until must be seconds'],
    [[SPEAKER, '--until', '0'], '--until 0'],
    [[SPEAKER, '--to-test', 'Elsewhere.ts'], '--to-test Elsewhere.ts'],
    [[SPEAKER, '--report', '/no/such/folder/run.html'], '--report'],
  ] as const)('refuses %j by name', async (words, why) => {
    const { exitCode, said } = await simulate(...words);
    expect(said).toContain(why);
    expect(exitCode).toBe(2);
  });

  it('names the line and the field of a recording that is none', async () => {
    const file = join(folder, 'odd.flight.jsonl');
    const lines = (await readFile(SPEAKER, 'utf8')).split('\n');
    lines[3] = (lines[3] ?? '').replace('"kind":', '"sort":');
    await writeFile(file, lines.join('\n'));
    const { exitCode, said } = await simulate(file);
    expect(said).toContain('line 4 of the flight record: field "event.kind"');
    expect(exitCode).toBe(2);
  });

  it('makes a test of it, with the recording beside', async () => {
    const test = join(folder, 'as-it-was.test.ts');
    const { exitCode } = await simulate(SPEAKER, '--to-test', test);
    expect(exitCode).toBe(0);
    expect(await readFile(test, 'utf8')).toContain("'says hello, and that it plays',");
    const kept = await replay(await readRecording(join(folder, 'recordings', 'as-it-was.flight.jsonl')));
    expect(kept.divergences).toEqual([]);
  });
});

/** The phone had asked for another volume. */
function withVolume(entry: FlightEntry, volume: number): FlightEntry {
  if (entry.port !== 'link' || entry.event.kind !== 'received') return entry;
  const { body } = entry.event.message;
  if (typeof body !== 'object' || body === null || !('kind' in body) || body.kind !== 'setVolume') return entry;
  return { ...entry, event: { ...entry.event, message: { ...entry.event.message, body: { ...body, volume } } } };
}

/** The sound says, late in the track, that it is at its beginning. */
function withPositionGoneBack(entry: FlightEntry, place: number): FlightEntry {
  if (entry.port !== 'engine' || entry.event.kind !== 'said' || entry.event.event.kind !== 'position') return entry;
  const { positionFrames } = entry.event.event;
  const isLate = typeof positionFrames === 'number' && positionFrames > 24_000 && place % 2 === 0;
  return isLate ? { ...entry, event: { ...entry.event, event: { ...entry.event.event, positionFrames: 1 } } } : entry;
}
