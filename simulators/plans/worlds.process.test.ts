/** The same seed is the same run in every process; and the command as people give it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ChildProgram } from '#sim/processes/child-program';
import { playSeeds } from './play-seeds.ts';
import type { SeedResult } from './seed-result.ts';

const PROGRAM = join(import.meta.dirname, '..', 'command-line', 'main.ts');
const ENDS_WITHIN_MS = 60_000;

async function played(jobs: number): Promise<readonly SeedResult[]> {
  const results: SeedResult[] = [];
  const terms = { wishes: { minutes: 5, sound: 'modelled' as const }, jobs, interrupted: new AbortController().signal };
  await playSeeds({ from: 1, to: 4 }, { ...terms, ended: (result) => results.push(result) });
  return results.sort((one, other) => one.seed - other.seed);
}

it('is the same timeline to the byte in this process and in two others', { timeout: ENDS_WITHIN_MS }, async () => {
  const [here, there] = [await played(1), await played(2)];
  expect(here.map(({ failure }) => failure)).toEqual([null, null, null, null]);
  expect(new Set(here.map(({ fingerprint }) => fingerprint)).size).toBe(4);
  expect(there).toEqual(here);
});

it('writes the same report for the same seeds, and says how many passed', { timeout: ENDS_WITHIN_MS }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-worlds-'));
  try {
    const reports = ['one.json', 'two.json'].map((name) => join(folder, name));
    for (const [place, file] of reports.entries()) {
      const flags = ['--seeds', '7..9', '--minutes', '3', '--jobs', String(place + 1), '--json', file];
      const program = new ChildProgram('world', process.execPath, [PROGRAM, 'world', ...flags]);
      expect(await program.waitForExit(ENDS_WITHIN_MS)).toBe(0);
      expect(program.output()).toContain('3 seeds passed, 0 failed');
    }
    const [one, two] = await Promise.all(reports.map((file) => readFile(file, 'utf8')));
    expect(two).toBe(one);
  } finally {
    await rm(folder, { recursive: true });
  }
});
