/**
 * A process that does nothing but ingest, to be weighed: the real folder walk, tag reading in a thread of its own and
 * catalogue, with an encoder that says at once what encoding would. Encoding 100,000 files takes a day, and its memory
 * does not depend on how many there are.
 *
 * `node ingest-program.ts MUSIC DATA STEP`: prints its memory at every STEP files.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type ContentWorkerData, WorkerSourceInspector } from '#bridge/adapters/content-workers/content-jobs';
import { WorkerPool } from '#bridge/adapters/content-workers/worker-pool';
import { DiskFolderScanner } from '#bridge/adapters/folder-scan/disk-folder-scanner';
import { nodeDigest } from '#bridge/adapters/node-crypto/node-digest';
import { openDatabase } from '#bridge/adapters/sqlite/database';
import { SqliteCatalogueWriter } from '#bridge/adapters/sqlite/sqlite-catalogue-writer';
import { SqliteLyrics } from '#bridge/adapters/sqlite/sqlite-lyrics';
import { TrackTables } from '#bridge/adapters/sqlite/track-tables';
import type { EncodeJob, EncodeOutcome } from '#bridge/core/ports/track-encoder';
import { Ingest } from '#bridge/core/services/ingest/ingest';
import { LADDER_KBPS } from '#bridge/core/services/ingest/quality-ladder';
import { variousArtists } from '#bridge/core/services/ingest/track-entry';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { silentLogger } from '#protocol/kit/silent-logger';
import { fileId } from '#protocol/vocabulary/ids';
import { ok } from '#protocol/vocabulary/result';
import { bytes, frames, ms } from '#protocol/vocabulary/units';
import { createBlobDisk, VirtualBlobStore } from './memory-blob-store.ts';

const WORKER = join(import.meta.dirname, '..', '..', 'cloud-bridge', 'app', 'content-worker.ts');
const STALL_MS = ms(60_000);

async function main(music: string, dataDir: string, step: number): Promise<void> {
  const clock = createSystemClock();
  const { database, close } = openDatabase(dataDir);
  const tables = new TrackTables({ database, wallMs: () => clock.wallMs() }, variousArtists(nodeDigest));
  const workerData: ContentWorkerData = { scratchFolder: join(dataDir, 'scratch'), decoder: 'auto' };
  const pool = new WorkerPool(clock, { scriptPath: WORKER, workerData, size: 1, stallMs: STALL_MS });
  const blobs = new VirtualBlobStore(createBlobDisk());
  const ingest = new Ingest({
    clock,
    logger: silentLogger,
    scanner: new DiskFolderScanner(),
    inspector: new WorkerSourceInspector(pool),
    encoder: { concurrency: 2, encode: async (job) => ok(outcomeOf(job)), rest: async () => {} },
    catalogue: new SqliteCatalogueWriter(database, tables, { recipe: 'stand-in' }),
    lyrics: new SqliteLyrics(database),
    // What is encoded is nowhere; it has no bytes to keep.
    blobs: Object.assign(blobs, { adopt: async () => {} }),
    digest: nodeDigest,
  });
  let next = step;
  const tell = (event: string) => {
    const { found, done, failed } = ingest.view();
    const rssMb = process.memoryUsage.rss() / 1_048_576;
    console.log(JSON.stringify({ event, found, done, failed, rssMb }));
  };
  ingest.listen(({ found }) => {
    if (found < next) return;
    next += step;
    tell('ingest.step');
  });
  const begun = await ingest.begin(music);
  if (!begun.ok) throw begun.error;
  await ingest.settled();
  tell('ingest.settled');
  // Once more: nothing has changed, and looking through it all must cost no more.
  await ingest.begin(music);
  await ingest.settled();
  tell('ingest.again');
  await ingest.stop();
  await pool.close();
  close();
}

function outcomeOf(job: EncodeJob): EncodeOutcome {
  const id = (rung: number) => fileId(createHash('sha256').update(`${job.sourcePath} ${rung}`).digest('hex'));
  const files = job.bitratesKbps.map((bitrateKbps) => ({
    file: {
      fileId: id(bitrateKbps),
      bitrateKbps,
      preSkipFrames: frames(960),
      segmentFrames: frames(48_000),
      segmentSizesBytes: [bytes(500)],
      headSegments: 1,
      key: new Uint8Array(16),
    },
    scratchPath: '',
  }));
  const music = { ladderKbps: LADDER_KBPS, durationFrames: frames(48), loudness: null };
  return { ...music, files, loudnessBlocks: job.measuresLoudness ? new Uint8Array(0) : null };
}

const [music = '', dataDir = '', step = ''] = process.argv.slice(2);
await main(music, dataDir, Number(step));
