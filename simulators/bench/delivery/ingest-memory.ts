/**
 * What an ingest of a library of 100,000 files holds: the memory of a process that walks it, reads it and puts it in the
 * catalogue, at every tenth. What the second half holds more than the first grows with the library; before that a
 * collector that has time takes its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLargeLibrary } from '#sim/content/large-library';
import { ChildProgram, type LogEvent } from '#sim/processes/child-program';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'content', 'ingest-program.ts');
const FILES = 100_000;
const SMOKE_FILES = 600;
const STEPS = 10;
const WITHIN_MS = 30 * 60_000;
/** Less than 0.8 kB a file: what a file costs in memory would show, and the collector's slack has room. */
const GROWTH_MUST_MB = 40;

export async function measureIngestMemory({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-large-'));
  const count = isSmoke ? SMOKE_FILES : FILES;
  let program: ChildProgram | null = null;
  try {
    const music = join(folder, 'music');
    await writeLargeLibrary(music, count);
    program = new ChildProgram('ingest', process.execPath, [
      PROGRAM,
      music,
      join(folder, 'data'),
      String(count / STEPS),
    ]);
    const steps: number[] = [];
    for (let step = 1; step < STEPS; step += 1) {
      const hasCome = ({ found }: LogEvent) => Number(found) >= (step * count) / STEPS;
      const at = await program.waitForEvent('ingest.step', WITHIN_MS, hasCome);
      steps.push(Number(at['rssMb']));
      say(`ingest of ${String(at['found'])} files: ${Number(at['rssMb']).toFixed(0)} MB`);
    }
    const settled = await program.waitForEvent('ingest.settled', WITHIN_MS);
    const again = await program.waitForEvent('ingest.again', WITHIN_MS);
    if (Number(settled['done']) !== count || Number(again['done']) !== count) {
      throw new Error(`${String(settled['done'])} and ${String(again['done'])} of ${count} files were done`);
    }
    const ends = [Number(settled['rssMb']), Number(again['rssMb'])];
    say(`all of them: ${ends.map((mb) => mb.toFixed(0)).join(' MB, looked through again ')} MB`);
    const first = Math.max(...steps.slice(0, STEPS / 2));
    const second = Math.max(...steps.slice(STEPS / 2), ...ends);
    return [
      createFigure({
        key: 'ingest, 100,000 files: RSS',
        unit: 'MB',
        values: [Math.max(first, second)],
        better: 'lower',
      }),
      createFigure({
        key: 'ingest, 100,000 files: RSS of the second half above the first',
        unit: 'MB',
        values: [second - first],
        must: GROWTH_MUST_MB,
        better: 'lower',
      }),
    ];
  } finally {
    await program?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
