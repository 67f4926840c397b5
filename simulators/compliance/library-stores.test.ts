/** The suites of what a library knows besides its music: on their in-memory twins, and on what real processes use. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenDatabase, openDatabase } from '#bridge/adapters/sqlite/database';
import { SqliteAvailability } from '#bridge/adapters/sqlite/sqlite-availability';
import { SqliteCatalogueWriter } from '#bridge/adapters/sqlite/sqlite-catalogue-writer';
import { SqliteLyrics } from '#bridge/adapters/sqlite/sqlite-lyrics';
import { TrackTables } from '#bridge/adapters/sqlite/track-tables';
import type { TrackEntry } from '#bridge/core/ports/catalogue-writer';
import { describeTrack, variousArtists } from '#bridge/core/services/ingest/track-entry';
import { albumId, trackId } from '#protocol/vocabulary/ids';
import { bytes } from '#protocol/vocabulary/units';
import { createMemoryLyrics, type LyricsDisk } from '#sim/content/memory-lyrics';
import { createMemoryRules } from '#sim/content/memory-rules';
import { describeAvailabilityRules } from './availability-rules.suite.ts';
import { describeLyricsStore } from './lyrics-store.suite.ts';

const digest = { sha256: (text: string) => createHash('sha256').update(text).digest() };

/** A catalogue in a folder of its own, opened anew as often as wanted. */
class Library {
  readonly #folder: string;
  #opened: OpenDatabase;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#opened = openDatabase(folder);
  }

  static async create(): Promise<Library> {
    return new Library(await mkdtemp(join(tmpdir(), 'tonearm-suite-')));
  }

  reopen(): OpenDatabase['database'] {
    this.#opened.close();
    this.#opened = openDatabase(this.#folder);
    return this.#opened.database;
  }

  async put(relativePath: string): Promise<TrackEntry> {
    const { database } = this.#opened;
    const tables = new TrackTables({ database, wallMs: () => 1_000 }, variousArtists(digest));
    const writer = new SqliteCatalogueWriter(database, tables, { recipe: 'r' });
    const about = { digest: digest.sha256(relativePath), tags: null, folderName: 'music', pictureKey: null };
    const entry = describeTrack(digest, { ...about, relativePath });
    const file = { path: `/music/${relativePath}`, relativePath, sizeBytes: bytes(1), modifiedMs: 1 };
    await writer.putSource({ path: '/music', deviceNumber: 1 }, file, 1, entry);
    return entry;
  }

  async stop(): Promise<void> {
    this.#opened.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

describeLyricsStore('in memory', async () => {
  const disk: LyricsDisk = { tracks: new Set(), lyrics: new Map() };
  return {
    open: async () => createMemoryLyrics(disk),
    addTrack: async (name) => {
      const id = trackId(name.padEnd(22, '1'));
      disk.tracks.add(id);
      return id;
    },
    stop: async () => {},
  };
});

describeLyricsStore('SQLite', async () => {
  const library = await Library.create();
  return {
    open: async () => new SqliteLyrics(library.reopen()),
    addTrack: async (name) => (await library.put(`${name}.mp3`)).id,
    stop: () => library.stop(),
  };
});

describeAvailabilityRules('in memory', async () => {
  const tracks = [trackId('1'.repeat(22)), trackId('2'.repeat(22))] as const;
  const album = albumId('3'.repeat(22));
  const rules = createMemoryRules(tracks, [album]);
  return { tracks, album, open: async () => rules, stop: async () => {} };
});

describeAvailabilityRules('SQLite', async () => {
  const library = await Library.create();
  const [one, other] = [await library.put('a/1.mp3'), await library.put('a/2.mp3')];
  return {
    tracks: [one.id, other.id] as const,
    album: one.album.id,
    open: async () => new SqliteAvailability(library.reopen()),
    stop: () => library.stop(),
  };
});
