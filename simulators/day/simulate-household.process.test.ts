/** A whole day of a small household, as real processes, in some seconds: everything that is planned is done, and nothing is left. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { encodeWav } from '#sim/music/wav-file';
import { descendants, isAlive } from '#sim/processes/descendants';
import { freePort } from '#sim/processes/free-port';
import { runReportSchema } from '#sim/report/run-report';
import { SeededRandom } from '#sim/world/seeded-random';
import { planDay } from './plan-day.ts';
import { simulateHousehold } from './simulate-household.ts';

const RATE = 48_000;
const SEED = 3;
/** A day in so many minutes: six seconds. */
const MINUTES = 0.1;
const WITHIN_MS = 90_000;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-day-'));
  mkdirSync(join(folder, 'music'));
  for (const n of [1, 2, 3]) {
    const samples = fingerprintTrack(n, 20 * RATE);
    writeFileSync(join(folder, 'music', `0${n}.wav`), encodeWav({ left: samples, right: samples, rate: RATE }));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function options() {
  const where = { musicFolder: join(folder, 'music'), albumFolder: join(folder, 'album'), sink: 'virtual' };
  const what = { rooms: 2, phones: 1, seed: SEED, minutes: MINUTES, hasDay: true, hasMdns: false };
  return { ...where, ...what, json: join(folder, 'day.json'), report: join(folder, 'day.html') };
}

describe('a simulated household', { timeout: WITHIN_MS }, () => {
  it('lives a day as it was planned, writes it down, and is gone afterwards', async () => {
    const printed: string[] = [];
    const said: string[] = [];
    const before = descendants(process.pid);
    const seen = new Set<number>();
    const context = {
      print: (line: string) => {
        printed.push(line);
        for (const pid of descendants(process.pid)) seen.add(pid);
      },
      say: (line: string) => void said.push(line),
      interrupted: new AbortController().signal,
    };
    const exit = await simulateHousehold({ ...options(), port: await freePort() }, context);
    expect(exit, said.join('\n')).toBe(0);
    expect(printed.map((line) => line.slice(0, 13).trim())).toEqual([
      'page',
      '',
      'bridge',
      'Kitchen',
      'Living Room',
      'MQTT',
    ]);
    const planned = planDay(new SeededRandom(SEED), { rooms: ['Kitchen', 'Living Room'], people: ['Ada'] });
    const report = runReportSchema.parse(JSON.parse(readFileSync(join(folder, 'day.json'), 'utf8')));
    expect(report.events.filter(({ kind }) => kind === 'command')).toHaveLength(planned.length);
    expect(report.outcome).toBe('passed');
    const charts = new Set(report.series.map(({ chart }) => chart));
    for (const chart of ['buffer', 'quality', 'commands', 'sockets', 'memory']) expect([...charts]).toContain(chart);
    // A bridge and two speakers were there; now nobody is, nor what they wrote.
    const own = [...seen].filter((pid) => !before.includes(pid));
    expect(own.length).toBeGreaterThanOrEqual(3);
    await expect.poll(() => own.filter(isAlive), { timeout: WITHIN_MS }).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(['day.html', 'day.json', 'music']);
  });

  it('refuses what cannot be, by name, before anything is started', async () => {
    const context = { print: () => {}, say: () => {}, interrupted: new AbortController().signal };
    const refused = (changes: object) => simulateHousehold({ ...options(), port: null, ...changes }, context);
    await expect(refused({ musicFolder: join(folder, 'none') })).rejects.toThrow(/--music: there is no folder/);
    await expect(refused({ report: folder })).rejects.toThrow(/--report: .* is a folder/);
  });
});
