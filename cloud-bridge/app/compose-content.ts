/** Puts together all that has to do with music at rest: catalogue, ingest, manifests, stored files and pictures. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  type ContentWorkerData,
  WorkerSourceInspector,
  WorkerTrackEncoder,
} from '#bridge/adapters/content-workers/content-jobs';
import { WorkerPool } from '#bridge/adapters/content-workers/worker-pool';
import { FileBlobStore, scratchFolder } from '#bridge/adapters/file-store/file-blob-store';
import { DiskFolderScanner } from '#bridge/adapters/folder-scan/disk-folder-scanner';
import { createFileTokenMac } from '#bridge/adapters/node-crypto/file-token-mac';
import { nodeDigest } from '#bridge/adapters/node-crypto/node-digest';
import { openDatabase } from '#bridge/adapters/sqlite/database';
import { SqliteCatalogue } from '#bridge/adapters/sqlite/sqlite-catalogue';
import { SqliteCatalogueWriter } from '#bridge/adapters/sqlite/sqlite-catalogue-writer';
import { SqliteLyrics } from '#bridge/adapters/sqlite/sqlite-lyrics';
import { SqliteSessionStore } from '#bridge/adapters/sqlite/sqlite-session-store';
import { TrackTables } from '#bridge/adapters/sqlite/track-tables';
import type { CatalogueReader } from '#bridge/core/ports/catalogue';
import type { ArtReader, ContentReader, ManifestService } from '#bridge/core/ports/content';
import type { SessionStore } from '#bridge/core/ports/session-store';
import { ContentTokens } from '#bridge/core/services/content/content-tokens';
import { StoredContent } from '#bridge/core/services/content/stored-content';
import { ENCODING_RECIPE } from '#bridge/core/services/ingest/encode-track';
import { Ingest } from '#bridge/core/services/ingest/ingest';
import { variousArtists } from '#bridge/core/services/ingest/track-entry';
import { TrackManifests } from '#bridge/core/services/playback/manifest-service';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { ms } from '#protocol/vocabulary/units';

/** Threads that encode: one core stays for the bridge; beyond four, a house's disk is the limit. */
const ENCODE_THREADS_MAX = 4;
/** Longer than ffmpeg's own stall limit, which gives the better message. */
const THREAD_STALL_MS = ms(60_000);

export interface SharedPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly dataDir: string;
}

export interface ContentOptions {
  /** `auto`: ffmpeg where there is one, else the decoders that came with us. */
  readonly decoder?: 'auto' | 'ffmpeg' | 'wasm';
  readonly encodeThreads?: number;
}

export interface Content {
  readonly catalogue: CatalogueReader;
  readonly sessions: SessionStore;
  readonly manifests: ManifestService;
  readonly content: ContentReader;
  readonly art: ArtReader;
  readonly ingest: Ingest;
  /** Stops ingest, ends its threads, gives up the data folder. */
  close(): Promise<void>;
}

/**
 * Opens the data folder and takes up where an earlier bridge stopped.
 * @throws TonearmError `config.data-locked`, `config.invalid` or `storage.failed`
 */
export async function composeContent(shared: SharedPorts, options: ContentOptions = {}): Promise<Content> {
  const { clock, logger, dataDir } = shared;
  const opened = openDatabase(dataDir);
  try {
    const { database } = opened;
    const tables = new TrackTables({ database, wallMs: () => clock.wallMs() }, variousArtists(nodeDigest));
    const files = new SqliteCatalogueWriter(database, tables, { recipe: ENCODING_RECIPE });
    const catalogue = new SqliteCatalogue(database);
    const lyrics = new SqliteLyrics(database);
    const blobs = new FileBlobStore({ dataDir });
    const wanted = await files.sweepFiles();
    await blobs.sweep((id) => wanted.has(id));
    const tokens = new ContentTokens(clock, createFileTokenMac(dataDir));
    const pools = composePools(clock, dataDir, options);
    const ingest = new Ingest({
      clock,
      logger: logger.with({ part: 'ingest' }),
      scanner: new DiskFolderScanner(),
      inspector: new WorkerSourceInspector(pools.inspecting),
      encoder: new WorkerTrackEncoder(pools.encoding),
      catalogue: files,
      lyrics,
      blobs,
      digest: nodeDigest,
    });
    const stored = new StoredContent(blobs, tokens);
    await ingest.resume();
    return {
      catalogue,
      sessions: new SqliteSessionStore(database),
      manifests: new TrackManifests({ catalogue, files, tokens, bringForward: (id) => ingest.bringForward(id) }),
      content: stored,
      art: stored,
      ingest,
      close: async () => {
        const stopped = ingest.stop();
        await Promise.all([pools.inspecting.close(), pools.encoding.close()]);
        await stopped;
        opened.close();
      },
    };
  } catch (error) {
    opened.close();
    throw error;
  }
}

function composePools(
  clock: Clock,
  dataDir: string,
  options: ContentOptions,
): { readonly inspecting: WorkerPool; readonly encoding: WorkerPool } {
  const data: ContentWorkerData = { scratchFolder: scratchFolder(dataDir), decoder: options.decoder ?? 'auto' };
  const spare = Math.max(1, Math.min(ENCODE_THREADS_MAX, availableParallelism() - 1));
  const common = {
    scriptPath: join(import.meta.dirname, 'content-worker.ts'),
    workerData: data,
    stallMs: THREAD_STALL_MS,
  };
  return {
    inspecting: new WorkerPool(clock, { ...common, size: 1 }),
    encoding: new WorkerPool(clock, { ...common, size: options.encodeThreads ?? spare }),
  };
}
