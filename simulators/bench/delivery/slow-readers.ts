/**
 * What ten thousand slow readers cost an edge: the memory of a real `tonearm edge`, before they come and while they read.
 * What waits for them in the kernel is not in it; what waits in the process is, and that is what the edge can bound.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { FILE_PATH } from '#protocol/wire/versions';
import { CountingOrigin, createOriginFile } from '#sim/edge/counting-origin';
import { EdgeProcess } from '#sim/edge/edge-process';
import { ChildProgram } from '#sim/processes/child-program';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';
import { memoryOfTree } from '../process-memory.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'edge', 'slow-readers-program.ts');
const READERS = 10_000;
const READERS_SMOKE = 200;
/** Larger than what the kernel takes for a reader that does not read. */
const FILE_BYTES = 24 * 1024 * 1024;
const SECONDS = 60;
const SECONDS_SMOKE = 3;
const OPEN_WITHIN_MS = 120_000;
/** Sockets of both sides, and some more. */
const OPEN_FILES = 16_384;
/** As a machine of 1 GB would set it: with tens of them the collector waits so long that it hides what grows. */
const HEAP_MB = 256;
/** 50 kB each: a connection, its request, and the piece that waits. */
const GROWTH_MUST_MB = 500;
/** Once all are there, nothing more. */
const DRIFT_MUST_MB = 32;

export async function measureSlowReaders({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-slow-'));
  const count = isSmoke ? READERS_SMOKE : READERS;
  const file = createOriginFile(1, FILE_BYTES);
  const origin = await CountingOrigin.start([file]);
  const limits = { openFiles: OPEN_FILES, heapMb: HEAP_MB };
  const edge = await EdgeProcess.start({ origin: origin.url, cacheFolder: folder, ...limits });
  let readers: ChildProgram | null = null;
  try {
    const authorization = await origin.bearer([file.fileId]);
    const path = `${FILE_PATH}/${file.fileId}`;
    const warm = await fetch(edge.url + path, { headers: { authorization } });
    await warm.arrayBuffer();
    const before = (await memoryOfTree(edge.pid)).rssMb;
    readers = startReaders([String(edge.port), path, String(count)], authorization);
    await readers.waitForEvent('readers.open', OPEN_WITHIN_MS);
    const seen: number[] = [];
    for (let second = 0; second < (isSmoke ? SECONDS_SMOKE : SECONDS); second += 1) {
      await wait(1_000);
      seen.push((await memoryOfTree(edge.pid)).rssMb);
    }
    const waiting = await edge.metric('tonearm_edge_waiting_readers');
    const waitingBytes = await edge.metric('tonearm_edge_waiting_bytes');
    const cut = await edge.metric('tonearm_edge_cut_readers_total');
    const third = Math.ceil(seen.length / 3);
    const [early, late] = [Math.max(...seen.slice(0, third)), Math.max(...seen.slice(-third))];
    say(
      `edge, ${count} slow readers: ${before.toFixed(0)} MB before, ${early.toFixed(0)} MB at first, ${late.toFixed(0)} MB later; ` +
        `${waiting} wait with ${(waitingBytes / 1_048_576).toFixed(0)} MB, ${cut} were cut`,
    );
    return [
      createFigure({
        ...{ key: 'edge, 10,000 slow readers: RSS growth', unit: 'MB', values: [Math.max(...seen) - before] },
        ...{ must: GROWTH_MUST_MB, better: 'lower' },
      }),
      createFigure({
        ...{ key: 'edge, 10,000 slow readers: RSS from their first 20 s to their last', unit: 'MB', better: 'lower' },
        values: [late - early],
        must: DRIFT_MUST_MB,
      }),
    ];
  } finally {
    await readers?.stop();
    await edge.stop();
    await origin.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function startReaders(args: readonly string[], authorization: string): ChildProgram {
  const limit = `ulimit -n ${OPEN_FILES}; exec "$0" "$@"`;
  const env = { READERS_AUTHORIZATION: authorization };
  return new ChildProgram('readers', '/bin/sh', ['-c', limit, process.execPath, PROGRAM, ...args], { env });
}
