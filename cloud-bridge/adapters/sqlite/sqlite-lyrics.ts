/** Lyrics in the bridge's SQLite file: one text per track, gone with it. */
import type { DatabaseSync } from 'node:sqlite';
import type { Lyrics, LyricsReader, LyricsWriter } from '#bridge/core/ports/lyrics';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { textOf } from './rows.ts';
import { statement } from './statement.ts';

export class SqliteLyrics implements LyricsReader, LyricsWriter {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async lyrics(id: TrackId): Promise<Result<Lyrics, TonearmError>> {
    const row = statement(this.#database, 'SELECT body FROM lyrics WHERE track_id = ?').get(id);
    if (row !== undefined) return ok(JSON.parse(textOf(row, 'body')) as Lyrics);
    const isThere = statement(this.#database, 'SELECT 1 FROM tracks WHERE id = ?').get(id) !== undefined;
    const message = isThere ? `the track ${id} has no lyrics` : `no track ${id}`;
    return refused(new TonearmError('catalogue.not-found', message));
  }

  async putLyrics(id: TrackId, lyrics: Lyrics | null): Promise<void> {
    if (lyrics === null) {
      statement(this.#database, 'DELETE FROM lyrics WHERE track_id = ?').run(id);
      return;
    }
    statement(this.#database, 'INSERT OR REPLACE INTO lyrics (track_id, body) VALUES (?, ?)').run(
      id,
      JSON.stringify(lyrics),
    );
  }
}
