/** The full-text index of tracks, albums and artists, kept by whoever changes them, in the same transaction. */
import type { DatabaseSync } from 'node:sqlite';
import type { ArtistEntry, TrackEntry } from '#bridge/core/ports/catalogue-writer';
import { numberOf, type Row, textOf } from './rows.ts';
import { statement } from './statement.ts';

export class SearchIndex {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The track must be in its table already. */
  putTrack(entry: TrackEntry): void {
    const row = statement(this.#database, 'SELECT number FROM tracks WHERE id = ?').get(entry.id);
    if (row === undefined) return;
    const number = numberOf(row, 'number');
    const names = [...entry.artists, ...(entry.album.artists ?? [])].map((artist) => artist.name);
    this.removeTrack(number);
    statement(this.#database, 'INSERT INTO track_search (rowid, title, artists, album) VALUES (?, ?, ?, ?)').run(
      number,
      entry.title,
      [...new Set(names)].join('\n'),
      entry.album.title,
    );
  }

  removeTrack(number: number): void {
    statement(this.#database, 'DELETE FROM track_search WHERE rowid = ?').run(number);
  }

  /** @param album its row */
  putAlbum(album: Row, artistNames: readonly string[]): void {
    const number = numberOf(album, 'number');
    this.removeAlbum(number);
    statement(this.#database, 'INSERT INTO album_search (rowid, title, artists) VALUES (?, ?, ?)').run(
      number,
      textOf(album, 'title'),
      artistNames.join('\n'),
    );
  }

  removeAlbum(number: number): void {
    statement(this.#database, 'DELETE FROM album_search WHERE rowid = ?').run(number);
  }

  addArtist(artist: ArtistEntry): void {
    statement(this.#database, 'INSERT INTO artist_search (id, name) VALUES (?, ?)').run(artist.id, artist.name);
  }

  removeArtist(id: string): void {
    statement(this.#database, 'DELETE FROM artist_search WHERE id = ?').run(id);
  }
}
