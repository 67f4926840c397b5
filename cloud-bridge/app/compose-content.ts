/** Puts together all that has to do with music at rest: catalogue, ingest, manifests, stored files and pictures. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  type ContentWorkerData,
  WorkerSourceInspector,
  WorkerTrackEncoder,
} from '#bridge/adapters/content-workers/content-jobs';
import { WorkerPool } from '#bridge/adapters/content-workers/worker-pool';
import { scratchFolder } from '#bridge/adapters/file-store/file-blob-store';
import { DiskFolderScanner } from '#bridge/adapters/folder-scan/disk-folder-scanner';
import { DiskFolderWatcher } from '#bridge/adapters/folder-watch/disk-folder-watcher';
import { M3uPlaylists, type M3uPlaylistsPorts } from '#bridge/adapters/m3u-playlists/m3u-playlists';
import { nodeDigest } from '#bridge/adapters/node-crypto/node-digest';
import { type OpenDatabase, openDatabase } from '#bridge/adapters/sqlite/database';
import { SqliteAccessStore } from '#bridge/adapters/sqlite/sqlite-access-store';
import { SqliteAccountsStore } from '#bridge/adapters/sqlite/sqlite-accounts-store';
import { SqliteAvailability } from '#bridge/adapters/sqlite/sqlite-availability';
import { SqliteCatalogue } from '#bridge/adapters/sqlite/sqlite-catalogue';
import { SqliteCatalogueWriter } from '#bridge/adapters/sqlite/sqlite-catalogue-writer';
import { SqliteHouseholdLease } from '#bridge/adapters/sqlite/sqlite-household-lease';
import { SqliteLyrics } from '#bridge/adapters/sqlite/sqlite-lyrics';
import { SqlitePairedSpeakers } from '#bridge/adapters/sqlite/sqlite-paired-speakers';
import { SqliteSessionStore } from '#bridge/adapters/sqlite/sqlite-session-store';
import { tracksAtPaths } from '#bridge/adapters/sqlite/sqlite-source-tracks';
import { SqliteStoredFiles } from '#bridge/adapters/sqlite/sqlite-stored-files';
import { TrackTables } from '#bridge/adapters/sqlite/track-tables';
import type { AccountsStore } from '#bridge/core/ports/accounts-store';
import type { AvailabilityRulesStore } from '#bridge/core/ports/availability-rules';
import type { CatalogueReader } from '#bridge/core/ports/catalogue';
import type { ArtReader, ContentReader } from '#bridge/core/ports/content';
import type { Digest } from '#bridge/core/ports/digest';
import type { LyricsReader } from '#bridge/core/ports/lyrics';
import type { PairedSpeakers } from '#bridge/core/ports/paired-speakers';
import type { PlaylistReader } from '#bridge/core/ports/playlists';
import type { SessionStore } from '#bridge/core/ports/session-store';
import type { StoreCheckControl } from '#bridge/core/ports/store-check-control';
import { ENCODING_RECIPE } from '#bridge/core/services/ingest/encode-track';
import { Ingest } from '#bridge/core/services/ingest/ingest';
import { LibraryWatch } from '#bridge/core/services/ingest/library-watch';
import { variousArtists } from '#bridge/core/services/ingest/track-entry';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import { composeCheck } from './compose-check.ts';
import { composePlayback, type Playback, type PlaybackOptions } from './compose-playback.ts';
import { composeStore } from './compose-store.ts';
import type { StoreConfig } from './store-config.ts';

/** Threads that encode, of low priority, so that the bridge's own comes first; beyond four, a house's disk is the limit. */
const ENCODE_THREADS_MAX = 4;
/** Longer than ffmpeg's own stall limit, which gives the better message. */
const THREAD_STALL_MS = ms(60_000);

const KEPT_ELSEWHERE = 'another bridge of this household looks after its music: ask that one';

export interface SharedPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly dataDir: string;
}

export interface ContentOptions extends PlaybackOptions {
  /** `auto`: ffmpeg where there is one, else the decoders that came with us. */
  readonly decoder?: 'auto' | 'ffmpeg' | 'wasm';
  readonly encodeThreads?: number;
  /** Watch music folders; true unless said otherwise. */
  readonly hasWatch?: boolean;
  /** Where files are kept; the data folder otherwise. */
  readonly store?: StoreConfig;
  /** This bridge's name among several that share the data folder; absent: it is alone. */
  readonly node?: string | null;
}

export interface Content extends Pick<Playback, 'manifests' | 'access' | 'edges' | 'counts' | 'keys'> {
  readonly catalogue: CatalogueReader;
  readonly lyrics: LyricsReader;
  readonly playlists: PlaylistReader;
  readonly rules: AvailabilityRulesStore;
  readonly sessions: SessionStore;
  readonly digest: Digest;
  readonly people: AccountsStore;
  readonly paired: PairedSpeakers;
  readonly content: ContentReader;
  readonly art: ArtReader;
  readonly ingest: Ingest;
  readonly check: StoreCheckControl;
  readonly lease: SqliteHouseholdLease;
  /** Reads folders from now on, if no other bridge on this data does; done already is harmless. */
  keep(): Promise<void>;
  /** Stops ingest, ends its threads, gives up the data folder. */
  close(): Promise<void>;
}

/**
 * Opens the data folder and takes up where an earlier bridge stopped.
 * @throws TonearmError `config.data-locked`, `config.invalid` or `storage.failed`
 */
export async function composeContent(shared: SharedPorts, options: ContentOptions = {}): Promise<Content> {
  const { clock, logger, dataDir } = shared;
  const opened = openDatabase(dataDir, options.node);
  try {
    const { database } = opened;
    const tables = new TrackTables({ database, wallMs: () => clock.wallMs() }, variousArtists(nodeDigest));
    const files = new SqliteCatalogueWriter(database, tables, { recipe: ENCODING_RECIPE });
    const stores = storesOf(database);
    const { catalogue, lyrics, rules } = stores;
    const folders = () => files.folders();
    const tracksAt: M3uPlaylistsPorts['tracksAt'] = (paths) => tracksAtPaths(database, paths);
    const store = options.store ?? { kind: 'folder' };
    const blobs = composeStore(dataDir, store);
    const index = new SqliteStoredFiles(database, tables);
    /** Whether this bridge, of those on this data, is the one that reads folders and clears up. */
    let isKept = false;
    const scanner = new DiskFolderScanner();
    const pools = composePools(clock, dataDir, options);
    const ingest = new Ingest({
      clock,
      logger: logger.with({ part: 'ingest' }),
      scanner,
      inspector: new WorkerSourceInspector(pools.inspecting),
      encoder: new WorkerTrackEncoder(pools.encoding),
      catalogue: files,
      lyrics,
      blobs,
      digest: nodeDigest,
      isAllowed: () => isKept,
    });
    const accounts = new SqliteAccessStore(database);
    const bringForward = (id: TrackId) => ingest.bringForward(id);
    const playbackPorts = { ...shared, accounts, rules, catalogue, files, blobs, bringForward };
    const playback = await composePlayback(playbackPorts, options);
    const checking = composeCheck({ ...shared, index, blobs, scanner, ingest }, { dataDir, store });
    const watcher = new DiskFolderWatcher();
    const watch = new LibraryWatch({ clock, logger: logger.with({ part: 'ingest' }), watcher }, ingest);
    if (options.hasWatch ?? true) ingest.onFolder((folder) => watch.add(folder));
    const keep = async () => {
      if (isKept || !opened.keep()) return;
      isKept = true;
      await files.sweepFiles();
      await blobs.sweep((id) => index.has(id));
      await ingest.resume();
    };
    await keep();
    return {
      ...playback,
      ...stores,
      playlists: new M3uPlaylists({ clock, digest: nodeDigest, folders, tracksAt }),
      digest: nodeDigest,
      content: playback.stored,
      art: playback.stored,
      ingest,
      check: {
        // A check removes what no track has, and what another bridge is just storing looks like that.
        begin: (how) => (isKept ? checking.check.begin(how) : refused(new TonearmError('ingest.busy', KEPT_ELSEWHERE))),
        view: () => checking.check.view(),
      },
      keep,
      close: async () => {
        watch.stop();
        playback.stop();
        const stopped = ingest.stop();
        await Promise.all([checking.close(), pools.inspecting.close(), pools.encoding.close()]);
        await stopped;
        opened.close();
      },
    };
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** What of the database has its own door. */
function storesOf(database: OpenDatabase['database']) {
  return {
    catalogue: new SqliteCatalogue(database),
    lyrics: new SqliteLyrics(database),
    rules: new SqliteAvailability(database),
    sessions: new SqliteSessionStore(database),
    people: new SqliteAccountsStore(database),
    paired: new SqlitePairedSpeakers(database),
    lease: new SqliteHouseholdLease(database),
  };
}

function composePools(
  clock: Clock,
  dataDir: string,
  options: ContentOptions,
): { readonly inspecting: WorkerPool; readonly encoding: WorkerPool } {
  const data: ContentWorkerData = { scratchFolder: scratchFolder(dataDir), decoder: options.decoder ?? 'auto' };
  const threads = options.encodeThreads ?? Math.min(ENCODE_THREADS_MAX, availableParallelism());
  const common = {
    scriptPath: join(import.meta.dirname, 'content-worker.ts'),
    workerData: data,
    stallMs: THREAD_STALL_MS,
  };
  return {
    inspecting: new WorkerPool(clock, { ...common, size: 1 }),
    encoding: new WorkerPool(clock, { ...common, size: threads + 1 }),
  };
}
