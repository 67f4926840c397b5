/**
 * What an ingest of a library of 100,000 files holds: the memory of a process that walks it, reads it and puts it in the
 * catalogue, at the first tenth and at the end. What grows between the two grows with the library.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLargeLibrary } from '#sim/content/large-library';
import { ChildProgram } from '#sim/processes/child-program';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'content', 'ingest-program.ts');
const FILES = 100_000;
const SMOKE_FILES = 600;
const STEPS = 10;
const WITHIN_MS = 30 * 60_000;
/** Less than 0.4 kB a file: no list of paths can hide in it, and the collector's slack has room. */
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
    const first = await program.waitForEvent('ingest.step', WITHIN_MS);
    const half = await program.waitForEvent('ingest.step', WITHIN_MS, ({ found }) => Number(found) >= count / 2);
    const settled = await program.waitForEvent('ingest.settled', WITHIN_MS);
    const again = await program.waitForEvent('ingest.again', WITHIN_MS);
    if (Number(settled['done']) !== count || Number(again['done']) !== count) {
      throw new Error(`${String(settled['done'])} and ${String(again['done'])} of ${count} files were done`);
    }
    for (const at of [first, half, settled, again]) {
      say(`ingest of ${String(at['found'])} files: ${Number(at['rssMb']).toFixed(0)} MB (${String(at.event)})`);
    }
    const most = Math.max(Number(settled['rssMb']), Number(again['rssMb']));
    return [
      createFigure({ key: 'ingest, 100,000 files: RSS', unit: 'MB', values: [most], better: 'lower' }),
      createFigure({
        key: 'ingest, 10,000 to 100,000 files: RSS growth',
        unit: 'MB',
        values: [most - Number(first['rssMb'])],
        must: GROWTH_MUST_MB,
        better: 'lower',
      }),
    ];
  } finally {
    await program?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
