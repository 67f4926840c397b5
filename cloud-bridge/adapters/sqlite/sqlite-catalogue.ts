/** The catalogue as doors read it, from the bridge's SQLite file. Every query runs along an index, so a page costs a page. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import {
  type Album,
  type Artist,
  type CatalogueReader,
  PAGE_ITEMS_MAX,
  type Page,
  type PageRequest,
  type SearchResult,
  type Track,
} from '#bridge/core/ports/catalogue';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { AlbumId, ArtistId, TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import {
  ALBUM_COLUMNS,
  ARTIST_COLUMNS,
  albumOf,
  artistOf,
  numberOf,
  type Row,
  TRACK_COLUMNS,
  textOf,
  trackOf,
} from './rows.ts';
import { searchQuery } from './search-query.ts';

/** Tracks of one album or artist, and ids in one question. */
const TRACKS_MAX = 1_000;
const SHOWN = `t.availability IN ('preparing', 'ready')`;
const TRACKS = 'FROM tracks t JOIN albums a ON a.id = t.album_id';
/** Hits looked at when ranking; beyond so many, the words say too little to rank by. */
const SEARCH_HITS_MAX = 1_000;

export class SqliteCatalogue implements CatalogueReader {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async track(id: TrackId): Promise<Result<Track, TonearmError>> {
    const row = this.#one(`SELECT ${TRACK_COLUMNS} ${TRACKS} WHERE t.id = ? AND t.availability <> 'probing'`, id);
    return row === null ? notFound('track', id) : ok(trackOf(row));
  }

  async tracks(ids: readonly TrackId[]): Promise<readonly Track[]> {
    if (ids.length > TRACKS_MAX) {
      throw new TonearmError('input.invalid', `at most ${TRACKS_MAX} tracks at a time`, { field: 'ids' });
    }
    const rows = this.#all(
      `SELECT ${TRACK_COLUMNS} ${TRACKS}
       WHERE t.availability <> 'probing' AND t.id IN (SELECT value FROM json_each(?))`,
      JSON.stringify(ids),
    );
    const byId = new Map(rows.map((row) => [textOf(row, 'id'), trackOf(row)]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  async album(id: AlbumId): Promise<Result<Album, TonearmError>> {
    const row = this.#one(`SELECT ${ALBUM_COLUMNS} FROM albums a WHERE a.id = ? AND a.track_count > 0`, id);
    return row === null ? notFound('album', id) : ok(albumOf(row));
  }

  async albumTracks(id: AlbumId): Promise<Result<readonly Track[], TonearmError>> {
    const rows = this.#all(
      `SELECT ${TRACK_COLUMNS} ${TRACKS} WHERE t.album_id = ? AND ${SHOWN}
       ORDER BY t.disc, t.position, t.id LIMIT ${TRACKS_MAX}`,
      id,
    );
    return rows.length === 0 ? notFound('album', id) : ok(rows.map(trackOf));
  }

  async artist(id: ArtistId): Promise<Result<Artist, TonearmError>> {
    const row = this.#one(`SELECT ${ARTIST_COLUMNS} FROM artists r WHERE r.id = ?`, id);
    return row === null ? notFound('artist', id) : ok(artistOf(row));
  }

  async artistAlbums(id: ArtistId, page: PageRequest): Promise<Result<Page<Album>, TonearmError>> {
    const artist = await this.artist(id);
    if (!artist.ok) return artist;
    const where = `FROM album_artists l JOIN albums a ON a.id = l.album_id WHERE l.artist_id = ? AND a.track_count > 0`;
    const rows = this.#all(
      `SELECT ${ALBUM_COLUMNS} ${where} ORDER BY a.year, a.sort_title, a.id LIMIT ? OFFSET ?`,
      id,
      ...bounds(page),
    );
    return ok({ items: rows.map(albumOf), total: this.#count(`SELECT count(*) AS n ${where}`, id) });
  }

  async artistTracks(id: ArtistId): Promise<Result<readonly Track[], TonearmError>> {
    const artist = await this.artist(id);
    if (!artist.ok) return artist;
    const rows = this.#all(
      `SELECT ${TRACK_COLUMNS} ${TRACKS}
       WHERE ${SHOWN} AND t.id IN (SELECT track_id FROM track_artists WHERE artist_id = ?)
       ORDER BY a.year, a.sort_title, a.id, t.disc, t.position, t.id LIMIT ${TRACKS_MAX}`,
      id,
    );
    return ok(rows.map(trackOf));
  }

  async albums(page: PageRequest): Promise<Page<Album>> {
    const rows = this.#all(
      `SELECT ${ALBUM_COLUMNS} FROM albums a WHERE a.track_count > 0
       ORDER BY a.artist_sort, a.year, a.sort_title, a.id LIMIT ? OFFSET ?`,
      ...bounds(page),
    );
    return { items: rows.map(albumOf), total: this.#count('SELECT count(*) AS n FROM albums WHERE track_count > 0') };
  }

  async allTracks(page: PageRequest): Promise<Page<Track>> {
    // CROSS JOIN fixes the order of the loops: albums along their index, then each one's tracks; nothing is sorted.
    const rows = this.#all(
      `SELECT ${TRACK_COLUMNS} FROM albums a CROSS JOIN tracks t ON t.album_id = a.id WHERE ${SHOWN}
       ORDER BY a.artist_sort, a.sort_title, a.id, t.disc, t.position, t.id LIMIT ? OFFSET ?`,
      ...bounds(page),
    );
    return { items: rows.map(trackOf), total: this.#count(`SELECT count(*) AS n FROM tracks t WHERE ${SHOWN}`) };
  }

  async artists(page: PageRequest): Promise<Page<Artist>> {
    const rows = this.#all(
      `SELECT ${ARTIST_COLUMNS} FROM artists r ORDER BY r.sort_name, r.id LIMIT ? OFFSET ?`,
      ...bounds(page),
    );
    return { items: rows.map(artistOf), total: this.#count('SELECT count(*) AS n FROM artists') };
  }

  async search(query: string, page: PageRequest): Promise<SearchResult> {
    const words = searchQuery(query);
    const none = { items: [], total: 0 };
    if (words === null) return { tracks: none, albums: none, artists: none };
    return {
      tracks: this.#ranked(
        words,
        page,
        // A word in the title says more than the same word in the artist's name.
        `SELECT rowid, bm25(track_search, 10, 5, 3) AS score FROM track_search WHERE track_search MATCH ?`,
        `SELECT ${TRACK_COLUMNS} FROM hits h JOIN tracks t ON t.number = h.rowid JOIN albums a ON a.id = t.album_id
         WHERE ${SHOWN} ORDER BY h.score, a.artist_sort, a.sort_title, t.disc, t.position, t.id`,
        trackOf,
      ),
      albums: this.#ranked(
        words,
        page,
        `SELECT rowid, bm25(album_search, 10, 5) AS score FROM album_search WHERE album_search MATCH ?`,
        `SELECT ${ALBUM_COLUMNS} FROM hits h JOIN albums a ON a.number = h.rowid
         WHERE a.track_count > 0 ORDER BY h.score, a.artist_sort, a.sort_title, a.id`,
        albumOf,
      ),
      artists: this.#ranked(
        words,
        page,
        `SELECT id, bm25(artist_search) AS score FROM artist_search WHERE artist_search MATCH ?`,
        `SELECT ${ARTIST_COLUMNS} FROM hits h JOIN artists r ON r.id = h.id ORDER BY h.score, r.sort_name, r.id`,
        artistOf,
      ),
    };
  }

  #ranked<Item>(words: string, page: PageRequest, hits: string, rows: string, itemOf: (row: Row) => Item): Page<Item> {
    const withHits = `WITH hits AS MATERIALIZED (${hits} ORDER BY score LIMIT ${SEARCH_HITS_MAX})`;
    const found = this.#all(`${withHits} ${rows} LIMIT ? OFFSET ?`, words, ...bounds(page));
    return { items: found.map(itemOf), total: this.#count(`${withHits} SELECT count(*) AS n FROM (${rows})`, words) };
  }

  #one(sql: string, ...values: SQLInputValue[]): Row | null {
    return this.#database.prepare(sql).get(...values) ?? null;
  }

  #all(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return this.#database.prepare(sql).all(...values);
  }

  #count(sql: string, ...values: SQLInputValue[]): number {
    const row = this.#one(sql, ...values);
    return row === null ? 0 : numberOf(row, 'n');
  }
}

function bounds(page: PageRequest): [number, number] {
  const { limit, offset } = page;
  if (!Number.isInteger(limit) || limit < 0 || limit > PAGE_ITEMS_MAX) {
    throw new TonearmError('input.invalid', `limit must be 0 to ${PAGE_ITEMS_MAX}`, { field: 'limit' });
  }
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new TonearmError('input.invalid', 'offset must be a whole number, not negative', { field: 'offset' });
  }
  return [limit, offset];
}

function notFound(what: string, id: string): { readonly ok: false; readonly error: TonearmError } {
  return refused(new TonearmError('catalogue.not-found', `no ${what} ${id}`));
}
