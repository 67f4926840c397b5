/** The catalogue as ingest writes it: one transaction per fact, so that what was told to anyone survives a kill. */
import type { DatabaseSync } from 'node:sqlite';
import {
  type CatalogueWriter,
  type EncodedTrack,
  FORGOTTEN_NAMED_MAX,
  type Forgotten,
  type KnownSource,
  SETTLED_NAMED_MAX,
  type Settled,
  type SourceState,
  type StoredTrack,
  type TrackEntry,
  type UnfinishedTrack,
  type WaitingTrack,
} from '#bridge/core/ports/catalogue-writer';
import type { MusicFolder, SourceFile } from '#bridge/core/ports/folder-scanner';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { type TrackId, trackId } from '#protocol/vocabulary/ids';
import { inTransaction } from './database.ts';
import { EncodedTracks } from './encoded-tracks.ts';
import { failureOf, maybeTextOf, numberOf, type Row, textOf } from './rows.ts';
import { statement } from './statement.ts';
import type { TrackTables } from './track-tables.ts';

/** Paths forgotten in one transaction: a folder of 100,000 files that went must not hold the bridge up. */
const FORGOTTEN_AT_ONCE = 500;

export interface CatalogueWriterOptions {
  /** Names the way files are encoded; files of another recipe are encoded anew. */
  readonly recipe: string;
}

export class SqliteCatalogueWriter implements CatalogueWriter {
  readonly #database: DatabaseSync;
  readonly #tables: TrackTables;
  readonly #encoded: EncodedTracks;

  constructor(database: DatabaseSync, tables: TrackTables, options: CatalogueWriterOptions) {
    this.#database = database;
    this.#tables = tables;
    this.#encoded = new EncodedTracks(database, options.recipe);
  }

  async folders(): Promise<readonly MusicFolder[]> {
    const rows = statement(this.#database, 'SELECT path, device_number FROM folders ORDER BY rowid').all();
    return rows.map((row) => ({ path: textOf(row, 'path'), deviceNumber: numberOf(row, 'device_number') }));
  }

  async rememberFolder(folder: MusicFolder): Promise<void> {
    statement(
      this.#database,
      `INSERT INTO folders (path, device_number) VALUES (?, ?)
         ON CONFLICT (path) DO UPDATE SET device_number = excluded.device_number`,
    ).run(folder.path, folder.deviceNumber);
  }

  async source(path: string): Promise<KnownSource | null> {
    const row = statement(this.#database, 'SELECT * FROM sources WHERE path = ?').get(path);
    if (row === undefined) return null;
    const id = maybeTextOf(row, 'track_id');
    return {
      sizeBytes: numberOf(row, 'size_bytes'),
      modifiedMs: numberOf(row, 'modified_ms'),
      trackId: id === null ? null : trackId(id),
      scan: numberOf(row, 'scan'),
      failure: failureOf(row),
    };
  }

  async sourceCount(folder: MusicFolder): Promise<number> {
    const row = statement(this.#database, 'SELECT count(*) AS n FROM sources WHERE folder = ?').get(folder.path);
    return row === undefined ? 0 : numberOf(row, 'n');
  }

  async sourceSeen(path: string, scan: number): Promise<boolean> {
    const row = statement(this.#database, 'UPDATE sources SET scan = ? WHERE path = ? RETURNING track_id').get(
      scan,
      path,
    );
    const id = row === undefined ? null : maybeTextOf(row, 'track_id');
    return id === null || this.#encoded.isStored(id);
  }

  async settleSource(path: string, run: number): Promise<boolean> {
    const settle = statement(this.#database, 'UPDATE sources SET settled_run = ? WHERE path = ? AND settled_run < ?');
    return settle.run(run, path, run).changes > 0;
  }

  async settleTrack(id: TrackId, run: number): Promise<Settled> {
    const named: string[] = [];
    let count = 0;
    const settle = this.#database.prepare(
      'UPDATE sources SET settled_run = ?1 WHERE track_id = ?2 AND scan > ?1 AND settled_run < ?1 RETURNING path, folder',
    );
    for (const row of settle.iterate(run, id)) {
      count += 1;
      if (named.length < SETTLED_NAMED_MAX) named.push(relativePathOf(row));
    }
    return { count, named };
  }

  async putSource(folder: MusicFolder, file: SourceFile, scan: number, entry: TrackEntry): Promise<SourceState> {
    return this.#change(() => {
      const before = this.#trackOfPath(file.path);
      const availability = this.#tables.put(entry, this.#encoded.durationFrames(entry.id));
      this.#upsertSource(folder, file, scan, entry.id, availability === 'unreadable' ? this.#failure(entry.id) : null);
      if (before !== null && before !== entry.id) this.#tables.removeOrphan(before);
      return availability;
    });
  }

  async putFailedSource(folder: MusicFolder, file: SourceFile, scan: number, failure: TonearmError): Promise<void> {
    this.#change(() => {
      const before = this.#trackOfPath(file.path);
      this.#upsertSource(folder, file, scan, null, failure);
      if (before !== null) this.#tables.removeOrphan(before);
    });
  }

  async forgetUnseen(
    folder: MusicFolder,
    scan: number,
    kept: readonly string[],
    below: readonly string[] | null = null,
  ): Promise<Forgotten> {
    const named: Forgotten['named'][number][] = [];
    let count = 0;
    for (let after: string | null = ''; after !== null; ) {
      const rows: readonly Row[] = statement(
        this.#database,
        `SELECT path, track_id FROM sources WHERE folder = ? AND scan <> ? AND path > ? ORDER BY path
           LIMIT ${FORGOTTEN_AT_ONCE}`,
      ).all(folder.path, scan, after);
      const isMeant = (path: string) => below === null || below.some((start) => path.startsWith(start));
      const paths = rows.map((row) => ({ path: textOf(row, 'path'), id: maybeTextOf(row, 'track_id') }));
      const gone = paths.filter(({ path }) => isMeant(path) && !kept.some((start) => path.startsWith(start)));
      this.#change(() => {
        const remove = statement(this.#database, 'DELETE FROM sources WHERE path = ?');
        for (const { path, id } of gone) {
          remove.run(path);
          if (id !== null) this.#tables.removeOrphan(id);
        }
      });
      count += gone.length;
      const names = gone.map(({ path, id }) => ({ path, trackId: id === null ? null : trackId(id) }));
      named.push(...names.slice(0, FORGOTTEN_NAMED_MAX - named.length));
      after = rows.length < FORGOTTEN_AT_ONCE ? null : (paths.at(-1)?.path ?? null);
    }
    return { count, named };
  }

  async nextScan(): Promise<number> {
    return inTransaction(this.#database, () => {
      const number = Number(statement(this.#database, 'INSERT INTO scans DEFAULT VALUES').run().lastInsertRowid);
      statement(this.#database, 'DELETE FROM scans WHERE number < ?').run(number);
      return number;
    });
  }

  async nextWaiting(wanted: readonly TrackId[], except: ReadonlySet<TrackId>): Promise<WaitingTrack | null> {
    const columns = `SELECT t.id, (SELECT min(s.path) FROM sources s WHERE s.track_id = t.id) AS path FROM tracks t`;
    const waiting = `t.availability IN ('probing', 'preparing')`;
    const one = statement(this.#database, `${columns} WHERE ${waiting} AND t.id = ?`);
    for (const id of wanted) {
      const row = except.has(id) ? undefined : one.get(id);
      if (row !== undefined) return waitingOf(row);
    }
    // Reads along the index of waiting tracks and stops at the first that is not being worked on already.
    for (const row of this.#database.prepare(`${columns} WHERE ${waiting} ORDER BY t.number`).iterate()) {
      const next = waitingOf(row);
      if (!except.has(next.id)) return next;
    }
    return null;
  }

  async nextUnfinished(except: ReadonlySet<TrackId>): Promise<UnfinishedTrack | null> {
    return this.#encoded.nextUnfinished(except);
  }

  async trackEncoded(id: TrackId, outcome: EncodedTrack): Promise<void> {
    this.#change(() => {
      this.#encoded.put(id, outcome);
      this.#tables.setAvailability(id, 'ready', outcome.durationFrames, null);
    });
  }

  async trackUnreadable(id: TrackId, failure: TonearmError): Promise<void> {
    this.#change(() => {
      statement(this.#database, 'UPDATE sources SET failure_code = ?, failure_message = ? WHERE track_id = ?').run(
        failure.code,
        failure.message,
        id,
      );
      this.#tables.setAvailability(id, 'unreadable', null, failure);
    });
  }

  async storedTrack(id: TrackId): Promise<StoredTrack | null> {
    return this.#encoded.stored(id);
  }

  async trackFailure(id: TrackId): Promise<TonearmError | null> {
    return this.#failure(id);
  }

  #failure(id: TrackId): TonearmError | null {
    const row = statement(this.#database, 'SELECT failure_code, failure_message FROM tracks WHERE id = ?').get(id);
    return row === undefined ? null : failureOf(row);
  }

  async sweepFiles(): Promise<void> {
    this.#encoded.sweep();
    this.#database.exec(
      `UPDATE tracks SET availability = 'preparing'
       WHERE availability = 'ready' AND id NOT IN (SELECT track_id FROM files)`,
    );
  }

  #change<Value>(task: () => Value): Value {
    try {
      return inTransaction(this.#database, () => {
        const value = task();
        this.#tables.settle();
        return value;
      });
    } catch (error) {
      this.#tables.abandon();
      throw error;
    }
  }

  #trackOfPath(path: string): string | null {
    const row = statement(this.#database, 'SELECT track_id FROM sources WHERE path = ?').get(path);
    return row === undefined ? null : maybeTextOf(row, 'track_id');
  }

  #upsertSource(
    folder: MusicFolder,
    file: SourceFile,
    scan: number,
    track: TrackId | null,
    failure: TonearmError | null,
  ): void {
    statement(
      this.#database,
      `INSERT INTO sources (path, folder, size_bytes, modified_ms, track_id, scan, failure_code, failure_message)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (path) DO UPDATE SET folder = excluded.folder, size_bytes = excluded.size_bytes,
           modified_ms = excluded.modified_ms, track_id = excluded.track_id, scan = excluded.scan,
           failure_code = excluded.failure_code, failure_message = excluded.failure_message`,
    ).run(
      file.path,
      folder.path,
      file.sizeBytes,
      file.modifiedMs,
      track,
      scan,
      failure?.code ?? null,
      failure?.message ?? null,
    );
  }
}

function relativePathOf(row: Row): string {
  return textOf(row, 'path')
    .slice(textOf(row, 'folder').length + 1)
    .replaceAll('\\', '/');
}

function waitingOf(row: Row): WaitingTrack {
  return { id: trackId(textOf(row, 'id')), sourcePath: maybeTextOf(row, 'path') ?? '' };
}
