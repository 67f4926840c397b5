/** The files that the catalogue believes to be stored, for a check of the store. */
import type { DatabaseSync } from 'node:sqlite';
import type { IndexedFile, StoredFileIndex } from '#bridge/core/ports/stored-file-index';
import { type FileId, type TrackId, trackId } from '#protocol/vocabulary/ids';
import { inTransaction } from './database.ts';
import { maybeTextOf, numberOf, textOf } from './rows.ts';
import { statement } from './statement.ts';
import { encodedFileOf, ladderOf, ladderText } from './stored-track-rows.ts';
import type { TrackTables } from './track-tables.ts';

/** A segment table of an hour is 14 kB, so a page is a few megabytes at most. */
const PAGE_FILES = 100;

export class SqliteStoredFiles implements StoredFileIndex {
  readonly #database: DatabaseSync;
  readonly #tables: TrackTables;

  constructor(database: DatabaseSync, tables: TrackTables) {
    this.#database = database;
    this.#tables = tables;
  }

  async count(): Promise<number> {
    const row = statement(this.#database, 'SELECT count(*) AS n FROM files').get();
    return row === undefined ? 0 : numberOf(row, 'n');
  }

  async page(after: FileId | null): Promise<readonly IndexedFile[]> {
    const rows = statement(
      this.#database,
      `SELECT f.*, (SELECT min(s.path) FROM sources s WHERE s.track_id = f.track_id) AS path FROM files f
         WHERE f.id > ? ORDER BY f.id LIMIT ?`,
    ).all(after ?? '', PAGE_FILES);
    return rows.map((row) => ({
      file: encodedFileOf(row),
      trackId: trackId(textOf(row, 'track_id')),
      sourcePath: maybeTextOf(row, 'path'),
    }));
  }

  async has(id: FileId): Promise<boolean> {
    return statement(this.#database, 'SELECT 1 FROM files WHERE id = ?').get(id) !== undefined;
  }

  async forget(id: FileId): Promise<void> {
    try {
      inTransaction(this.#database, () => {
        const row = statement(this.#database, 'DELETE FROM files WHERE id = ? RETURNING track_id').get(id);
        if (row !== undefined) this.#settleTrack(trackId(textOf(row, 'track_id')));
        this.#tables.settle();
      });
    } catch (error) {
      this.#tables.abandon();
      throw error;
    }
  }

  #settleTrack(id: TrackId): void {
    const left = statement(this.#database, 'SELECT bitrate_kbps FROM files WHERE track_id = ?').all(id);
    if (left.length === 0) {
      statement(this.#database, 'DELETE FROM encoded_tracks WHERE track_id = ?').run(id);
      this.#tables.setAvailability(id, 'preparing', null, null);
      return;
    }
    const music = statement(this.#database, 'SELECT ladder_kbps FROM encoded_tracks WHERE track_id = ?').get(id);
    if (music === undefined) return;
    const stored = new Set(left.map((row) => numberOf(row, 'bitrate_kbps')));
    const missing = ladderOf(music, 'ladder_kbps').filter((bitrate) => !stored.has(bitrate));
    statement(this.#database, 'UPDATE encoded_tracks SET missing_kbps = ? WHERE track_id = ?').run(
      ladderText(missing),
      id,
    );
  }
}
