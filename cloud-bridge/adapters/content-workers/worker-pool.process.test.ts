import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { END_THREAD, END_WITHIN_MS, WorkerPool } from './worker-pool.ts';

const folder = mkdtempSync(join(tmpdir(), 'tonearm-pool-'));
const scriptPath = join(folder, 'thread.cjs');
writeFileSync(
  scriptPath,
  `const { parentPort, threadId } = require('node:worker_threads');
   parentPort.on('message', (job) => {
     if (job === '${END_THREAD}') process.exit(0);
     if (job === 'hang') for (;;);
     if (job === 'throw') throw new Error('out of memory');
     if (job === 'die') process.exit(3);
     if (job === 'refuse') return parentPort.postMessage({ kind: 'failed', code: 'ingest.unsupported-format', message: 'no' });
     parentPort.postMessage({ kind: 'alive' });
     parentPort.postMessage({ kind: 'done', value: [job, threadId] });
   });`,
);
const pools: WorkerPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function newPool(size = 1) {
  const clock = new VirtualClock();
  const pool = new WorkerPool(clock, { scriptPath, workerData: null, size, stallMs: ms(1_000) });
  pools.push(pool);
  return { clock, pool };
}

describe('a pool of threads', () => {
  it('does more jobs than it has threads, and uses the threads again', async () => {
    const { pool } = newPool(2);
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((job) => pool.run(job)));
    const values = answers.map((it) => (it.ok ? (it.value as [string, number]) : null));
    expect(values.map((it) => it?.[0])).toEqual(['a', 'b', 'c', 'd']);
    expect(new Set(values.map((it) => it?.[1])).size).toBeLessThanOrEqual(2);
  });

  it('hands refusals through', async () => {
    expect(await newPool().pool.run('refuse')).toMatchObject({
      ok: false,
      error: { code: 'ingest.unsupported-format', message: 'no' },
    });
  });

  it('ends a thread that hangs, refuses its job and does the next', async () => {
    const { clock, pool } = newPool();
    const [hung, next] = [pool.run('hang'), pool.run('after')];
    await clock.advance(ms(1_000));
    expect(await hung).toMatchObject({ ok: false, error: { code: 'ingest.unreadable-file' } });
    // It does not hear that it is to end.
    await clock.advance(END_WITHIN_MS);
    expect(await next).toMatchObject({ ok: true });
  });

  it.each(['throw', 'die'])('goes on after a thread that did: %s', async (fault) => {
    const { pool } = newPool();
    expect((await pool.run(fault)).ok).toBe(false);
    expect((await pool.run('after')).ok).toBe(true);
  });

  it('lets go of idle threads, and starts them again for the next job', async () => {
    const { clock, pool } = newPool();
    const first = await pool.run('a');
    await pool.rest();
    const second = await pool.run('b');
    expect(first.ok && second.ok && (first.value as unknown[])[1] !== (second.value as unknown[])[1]).toBe(true);
    expect(clock.timers()).toEqual([]);
  });

  it('settles every job when it is closed', async () => {
    const { clock, pool } = newPool();
    const jobs = [pool.run('hang'), pool.run('b')];
    const closed = pool.close();
    await clock.advance(END_WITHIN_MS);
    await closed;
    expect((await Promise.all(jobs)).map((it) => it.ok)).toEqual([false, false]);
    expect((await pool.run('late')).ok).toBe(false);
    expect(clock.timers()).toEqual([]);
  });
});
