/** The bridge's own encoding threads, without a bridge: music files in, sealed files out, on the real disk. */
import { join } from 'node:path';
import { type ContentWorkerData, WorkerTrackEncoder } from '#bridge/adapters/content-workers/content-jobs';
import { WorkerPool } from '#bridge/adapters/content-workers/worker-pool';
import type { EncodeOutcome } from '#bridge/core/ports/track-encoder';
import { LADDER_KBPS } from '#bridge/core/services/ingest/quality-ladder';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { ms } from '#protocol/vocabulary/units';

const WORKER = join(import.meta.dirname, '..', '..', 'cloud-bridge', 'app', 'content-worker.ts');
const STALL_MS = ms(60_000);

export class EncodingRoom {
  readonly #encoder: WorkerTrackEncoder;
  readonly #pool: WorkerPool;

  /** @param threads kept busy by one track's whole ladder */
  constructor(scratchFolder: string, threads: number) {
    const workerData: ContentWorkerData = { scratchFolder, decoder: 'auto' };
    const options = { scriptPath: WORKER, workerData, size: threads + 1, stallMs: STALL_MS };
    this.#pool = new WorkerPool(createSystemClock(), options);
    this.#encoder = new WorkerTrackEncoder(this.#pool);
  }

  /** The whole ladder and the loudness of one file. @throws TonearmError as ingest would refuse it */
  async encode(sourcePath: string): Promise<EncodeOutcome> {
    const job = { sourcePath, serial: 1, bitratesKbps: LADDER_KBPS, measuresLoudness: true };
    const outcome = await this.#encoder.encode(job);
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
