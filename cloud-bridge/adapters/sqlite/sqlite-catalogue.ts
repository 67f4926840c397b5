/** The catalogue as doors read it, from the bridge's SQLite file. Every query runs along an index, so a page costs a page. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import {
  type Album,
  type Artist,
  BY_ARTIST,
  type CatalogueReader,
  type Genre,
  type ListOrder,
  type ListSort,
  PAGE_ITEMS_MAX,
  type Page,
  type PageRequest,
  type SearchResult,
  type Track,
} from '#bridge/core/ports/catalogue';
import { genreKey } from '#bridge/core/services/catalogue/genre-key';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { AlbumId, ArtistId, TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { CatalogueSearch } from './catalogue-search.ts';
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
import { statement } from './statement.ts';

/** Tracks of one album or artist, and ids in one question. */
const TRACKS_MAX = 1_000;
const SHOWN = `t.availability IN ('preparing', 'ready')`;
const TRACKS = 'FROM tracks t JOIN albums a ON a.id = t.album_id';
const ALBUM_ORDERS: Readonly<Record<ListSort, string>> = {
  artist: 'a.artist_sort, a.year, a.sort_title, a.id',
  title: 'a.sort_title, a.id',
  year: 'a.year, a.sort_title, a.id',
  added: 'a.added_at_ms DESC, a.number DESC',
};
const TRACK_ORDERS: Readonly<Record<ListSort, string>> = {
  artist: 'a.artist_sort, a.sort_title, a.id, t.disc, t.position, t.id',
  title: 't.sort_title, t.id',
  year: 't.year, t.sort_title, t.id',
  added: 't.added_at_ms DESC, t.number DESC',
};
/** CROSS JOIN fixes the order of the loops, so that a page is read along an index and nothing is sorted. */
const TRACKS_FIRST = 'tracks t CROSS JOIN albums a ON a.id = t.album_id';
const TRACK_JOINS: Readonly<Record<ListSort, string>> = {
  artist: 'albums a CROSS JOIN tracks t ON t.album_id = a.id',
  title: TRACKS_FIRST,
  year: TRACKS_FIRST,
  added: TRACKS_FIRST,
};

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

  async albums(page: PageRequest, order: ListOrder = BY_ARTIST): Promise<Page<Album>> {
    const isOfGenre =
      'a.id IN (SELECT t.album_id FROM tracks t JOIN track_genres g ON g.track_id = t.id WHERE g.genre = ?)';
    const where = order.genre === null ? 'a.track_count > 0' : `a.track_count > 0 AND ${isOfGenre}`;
    const genre = order.genre === null ? [] : [genreKey(order.genre)];
    const rows = this.#all(
      `SELECT ${ALBUM_COLUMNS} FROM albums a WHERE ${where} ORDER BY ${ALBUM_ORDERS[order.sort]} LIMIT ? OFFSET ?`,
      ...genre,
      ...bounds(page),
    );
    const total = this.#count(`SELECT count(*) AS n FROM albums a WHERE ${where}`, ...genre);
    return { items: rows.map(albumOf), total };
  }

  async allTracks(page: PageRequest, order: ListOrder = BY_ARTIST): Promise<Page<Track>> {
    const isOfGenre = 't.id IN (SELECT track_id FROM track_genres WHERE genre = ?)';
    const where = order.genre === null ? SHOWN : `${SHOWN} AND ${isOfGenre}`;
    const genre = order.genre === null ? [] : [genreKey(order.genre)];
    const rows = this.#all(
      `SELECT ${TRACK_COLUMNS} FROM ${TRACK_JOINS[order.sort]} WHERE ${where}
       ORDER BY ${TRACK_ORDERS[order.sort]} LIMIT ? OFFSET ?`,
      ...genre,
      ...bounds(page),
    );
    return {
      items: rows.map(trackOf),
      total: this.#count(`SELECT count(*) AS n FROM tracks t WHERE ${where}`, ...genre),
    };
  }

  async genres(page: PageRequest): Promise<Page<Genre>> {
    const rows = this.#all(
      `SELECT min(g.name) AS name, count(*) AS n FROM track_genres g JOIN tracks t ON t.id = g.track_id
       WHERE ${SHOWN} GROUP BY g.genre ORDER BY g.genre LIMIT ? OFFSET ?`,
      ...bounds(page),
    );
    const total = this.#count(
      `SELECT count(DISTINCT g.genre) AS n FROM track_genres g JOIN tracks t ON t.id = g.track_id WHERE ${SHOWN}`,
    );
    return { items: rows.map((row) => ({ name: textOf(row, 'name'), trackCount: numberOf(row, 'n') })), total };
  }

  async artists(page: PageRequest): Promise<Page<Artist>> {
    const rows = this.#all(
      `SELECT ${ARTIST_COLUMNS} FROM artists r ORDER BY r.sort_name, r.id LIMIT ? OFFSET ?`,
      ...bounds(page),
    );
    return { items: rows.map(artistOf), total: this.#count('SELECT count(*) AS n FROM artists') };
  }

  async search(query: string, page: PageRequest): Promise<SearchResult> {
    bounds(page);
    return new CatalogueSearch(this.#database).find(query, page);
  }

  #one(sql: string, ...values: SQLInputValue[]): Row | null {
    return statement(this.#database, sql).get(...values) ?? null;
  }

  #all(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return statement(this.#database, sql).all(...values);
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
