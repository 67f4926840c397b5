/**
 * Tracks, albums, artists and their search index, kept in step with each other. An album is what its tracks make it: it
 * is worked out anew whenever one of them changes, and is gone with the last. Always inside a caller's transaction.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Availability } from '#bridge/core/ports/catalogue';
import type { ArtistEntry, SourceState, TrackEntry } from '#bridge/core/ports/catalogue-writer';
import { genreKey } from '#bridge/core/services/catalogue/genre-key';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { artistsText, maybeNumberOf, maybeTextOf, numberOf, type Row, textOf } from './rows.ts';
import { SearchIndex } from './search-index.ts';
import { statement } from './statement.ts';

export interface TrackTablesPorts {
  readonly database: DatabaseSync;
  /** Milliseconds since 1970. */
  wallMs(): number;
}

/** Genres shown of an album. */
const ALBUM_GENRES_MAX = 8;

export class TrackTables {
  readonly #database: DatabaseSync;
  readonly #index: SearchIndex;
  readonly #wallMs: () => number;
  readonly #variousArtists: ArtistEntry;
  readonly #changedAlbums = new Set<string>();
  readonly #changedArtists = new Set<string>();

  /** @param variousArtists whom an album is by when its tracks have no artist in common and it names none */
  constructor(ports: TrackTablesPorts, variousArtists: ArtistEntry) {
    this.#database = ports.database;
    this.#index = new SearchIndex(ports.database);
    this.#wallMs = () => Math.trunc(ports.wallMs());
    this.#variousArtists = variousArtists;
  }

  /** @param storedFrames exact length when its music is stored already, else null */
  put(entry: TrackEntry, storedFrames: number | null): SourceState {
    const before = statement(this.#database, 'SELECT * FROM tracks WHERE id = ?').get(entry.id);
    const availability = this.#availabilityFor(entry, before, storedFrames !== null);
    this.#putArtists(entry.artists);
    this.#putAlbum(entry);
    this.#putTrack(entry, availability, storedFrames ?? entry.durationFrames);
    statement(this.#database, 'DELETE FROM track_artists WHERE track_id = ?').run(entry.id);
    const link = statement(this.#database, 'INSERT INTO track_artists (track_id, place, artist_id) VALUES (?, ?, ?)');
    for (const [place, artist] of entry.artists.entries()) link.run(entry.id, place, artist.id);
    this.#putGenres(entry);
    this.#index.putTrack(entry);
    if (before === undefined) {
      this.#growAlbum(entry, availability !== 'unreadable' && availability !== 'probing');
    } else {
      this.#changedAlbums.add(textOf(before, 'album_id')).add(entry.album.id);
      for (const artist of this.#artistIdsOf(before)) this.#changedArtists.add(artist);
    }
    return availability === 'probing' ? 'preparing' : availability;
  }

  setAvailability(
    id: TrackId,
    availability: Availability,
    durationFrames: number | null,
    failure: TonearmError | null,
  ): void {
    const before = statement(this.#database, 'SELECT album_id, availability FROM tracks WHERE id = ?').get(id);
    statement(
      this.#database,
      `UPDATE tracks SET availability = ?, duration_frames = coalesce(?, duration_frames),
           failure_code = ?, failure_message = ? WHERE id = ?`,
    ).run(availability, durationFrames, failure?.code ?? null, failure?.message ?? null, id);
    if (before !== undefined && (textOf(before, 'availability') !== 'preparing' || availability !== 'ready')) {
      this.#changedAlbums.add(textOf(before, 'album_id'));
    }
  }

  /** Removes the track when no path gives it any more. Its stored music stays until the bridge starts anew. */
  removeOrphan(id: string): void {
    if (statement(this.#database, 'SELECT 1 FROM sources WHERE track_id = ?').get(id) !== undefined) return;
    const row = statement(this.#database, 'SELECT * FROM tracks WHERE id = ?').get(id);
    if (row === undefined) return;
    this.#index.removeTrack(numberOf(row, 'number'));
    statement(this.#database, 'DELETE FROM tracks WHERE id = ?').run(id);
    this.#changedAlbums.add(textOf(row, 'album_id'));
    for (const artist of this.#artistIdsOf(row)) this.#changedArtists.add(artist);
  }

  /**
   * Works out anew what the changes left to do. Called at the end of each transaction: a thousand tracks that leave one
   * album cost one look at the album, not a thousand.
   */
  settle(): void {
    for (const id of this.#changedAlbums) this.#refreshAlbum(id);
    this.#dropArtistsWithoutWork([...this.#changedArtists]);
    this.#changedAlbums.clear();
    this.#changedArtists.clear();
  }

  /** Forgets what was to be done: the transaction was undone. */
  abandon(): void {
    this.#changedAlbums.clear();
    this.#changedArtists.clear();
  }

  #availabilityFor(entry: TrackEntry, before: Row | undefined, isReady: boolean): SourceState | 'probing' {
    if (isReady) return 'ready';
    // The same bytes failed before: they would again, unless all they wanted was another decoder.
    const failure = before === undefined ? null : maybeTextOf(before, 'failure_code');
    if (failure !== null && failure !== 'ingest.unsupported-format') return 'unreadable';
    return entry.isCertain ? 'preparing' : 'probing';
  }

  #artistIdsOf(row: Row): readonly string[] {
    return pairsOf(row).map(([id]) => id);
  }

  #putArtists(artists: readonly ArtistEntry[]): void {
    const put = statement(
      this.#database,
      'INSERT INTO artists (id, name, sort_name) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
    );
    for (const artist of artists) {
      if (put.run(artist.id, artist.name, artist.sortName).changes > 0) this.#index.addArtist(artist);
    }
  }

  #putAlbum(entry: TrackEntry): void {
    const { album } = entry;
    const artists = album.artists ?? entry.artists.slice(0, 1);
    this.#putArtists(artists);
    statement(
      this.#database,
      `INSERT INTO albums (id, title, sort_title, has_own_artists, artists, artist_sort, year, genres, picture_key,
           track_count, added_at_ms) VALUES (?, ?, ?, ?, ?, ?, NULL, '[]', NULL, 0, ?)
         ON CONFLICT (id) DO UPDATE SET title = excluded.title, sort_title = excluded.sort_title`,
    ).run(
      album.id,
      album.title,
      album.sortTitle,
      album.artists === null ? 0 : 1,
      artistsText(artists),
      artists[0]?.sortName ?? '',
      this.#wallMs(),
    );
  }

  #putTrack(entry: TrackEntry, availability: string, durationFrames: number): void {
    statement(
      this.#database,
      `INSERT INTO tracks (id, title, sort_title, artists, album_id, disc, position, duration_frames, year, genres,
           picture_key, availability, added_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET title = excluded.title, sort_title = excluded.sort_title, artists = excluded.artists,
           album_id = excluded.album_id, disc = excluded.disc, position = excluded.position,
           duration_frames = excluded.duration_frames, year = excluded.year, genres = excluded.genres,
           picture_key = excluded.picture_key, availability = excluded.availability`,
    ).run(
      entry.id,
      entry.title,
      entry.sortTitle,
      artistsText(entry.artists),
      entry.album.id,
      entry.discNumber,
      entry.trackNumber,
      durationFrames,
      entry.year,
      JSON.stringify(entry.genres),
      entry.pictureKey,
      availability,
      this.#wallMs(),
    );
  }

  #putGenres(entry: TrackEntry): void {
    statement(this.#database, 'DELETE FROM track_genres WHERE track_id = ?').run(entry.id);
    const put = statement(
      this.#database,
      'INSERT OR IGNORE INTO track_genres (genre, track_id, name) VALUES (?, ?, ?)',
    );
    for (const genre of entry.genres) put.run(genreKey(genre), entry.id, genre);
  }

  #refreshAlbum(id: string): void {
    const album = statement(this.#database, 'SELECT * FROM albums WHERE id = ?').get(id);
    if (album === undefined) return;
    const number = numberOf(album, 'number');
    const artistsBefore = statement(this.#database, 'SELECT artist_id FROM album_artists WHERE album_id = ?').all(id);
    const tracks = statement(this.#database, 'SELECT * FROM tracks WHERE album_id = ? ORDER BY disc, position, id').all(
      id,
    );
    this.#index.removeAlbum(number);
    statement(this.#database, 'DELETE FROM album_artists WHERE album_id = ?').run(id);
    if (tracks.length === 0) {
      statement(this.#database, 'DELETE FROM albums WHERE id = ?').run(id);
    } else {
      this.#describeAlbum(album, tracks);
    }
    for (const row of artistsBefore) this.#changedArtists.add(textOf(row, 'artist_id'));
  }

  /** One new track changes an album without a look at its others, so that a flat folder of 20,000 files stays linear. */
  #growAlbum(entry: TrackEntry, isShown: boolean): void {
    const album = statement(this.#database, 'SELECT * FROM albums WHERE id = ?').get(entry.album.id);
    if (album === undefined) return;
    const own = pairsOf(album);
    const isMixed = numberOf(album, 'has_own_artists') === 0 && own[0]?.[0] !== entry.artists[0]?.id;
    if (isMixed) this.#putArtists([this.#variousArtists]);
    const artists = isMixed ? artistsText([this.#variousArtists]) : textOf(album, 'artists');
    const genres = new Set([...genresOf(album), ...entry.genres]);
    statement(
      this.#database,
      `UPDATE albums SET artists = ?, artist_sort = ?, year = ?, genres = ?,
           picture_key = coalesce(picture_key, ?), track_count = track_count + ? WHERE id = ?`,
    ).run(
      artists,
      isMixed ? this.#variousArtists.sortName : textOf(album, 'artist_sort'),
      earliest([maybeNumberOf(album, 'year'), entry.year]),
      JSON.stringify([...genres].slice(0, ALBUM_GENRES_MAX)),
      entry.pictureKey,
      isShown ? 1 : 0,
      entry.album.id,
    );
    const link = statement(this.#database, 'INSERT OR IGNORE INTO album_artists (album_id, artist_id) VALUES (?, ?)');
    const names = isMixed ? [this.#variousArtists.name] : own.map(([, name]) => name);
    const ids = isMixed ? [this.#variousArtists.id] : own.map(([id]) => id);
    if (isShown) for (const id of [...ids, ...entry.artists.map((artist) => artist.id)]) link.run(entry.album.id, id);
    this.#index.putAlbum(album, names);
  }

  #describeAlbum(album: Row, tracks: readonly Row[]): void {
    const id = textOf(album, 'id');
    const shown = tracks.filter((row) => ['preparing', 'ready'].includes(textOf(row, 'availability')));
    const artists = numberOf(album, 'has_own_artists') === 1 ? null : this.#artistsInCommon(tracks);
    const artistsAre = artists === null ? textOf(album, 'artists') : artists.text;
    statement(
      this.#database,
      `UPDATE albums SET artists = ?, artist_sort = ?, year = ?, genres = ?, picture_key = ?, track_count = ?
         WHERE id = ?`,
    ).run(
      artistsAre,
      artists === null ? textOf(album, 'artist_sort') : artists.sortName,
      earliest(tracks.map((row) => maybeNumberOf(row, 'year'))),
      JSON.stringify([...new Set(tracks.flatMap(genresOf))].slice(0, ALBUM_GENRES_MAX)),
      tracks.map((row) => maybeTextOf(row, 'picture_key')).find((key) => key !== null) ?? null,
      shown.length,
      id,
    );
    const own = JSON.parse(artistsAre) as readonly ArtistPair[];
    const everyone = new Set([...own.map(([artist]) => artist), ...tracks.flatMap((row) => this.#artistIdsOf(row))]);
    const link = statement(this.#database, 'INSERT INTO album_artists (album_id, artist_id) VALUES (?, ?)');
    if (shown.length > 0) for (const artist of everyone) link.run(id, artist);
    this.#index.putAlbum(
      album,
      own.map(([, name]) => name),
    );
  }

  #artistsInCommon(tracks: readonly Row[]): { readonly text: string; readonly sortName: string } {
    const first = tracks.map((row) => pairsOf(row)[0]);
    const ids = new Set(first.map((pair) => pair?.[0]));
    const pair = first[0];
    if (ids.size === 1 && pair !== undefined) {
      const row = statement(this.#database, 'SELECT sort_name FROM artists WHERE id = ?').get(pair[0]);
      return { text: JSON.stringify([pair]), sortName: row === undefined ? '' : textOf(row, 'sort_name') };
    }
    this.#putArtists([this.#variousArtists]);
    return { text: artistsText([this.#variousArtists]), sortName: this.#variousArtists.sortName };
  }

  #dropArtistsWithoutWork(ids: readonly string[]): void {
    for (const id of new Set(ids)) {
      const used = statement(
        this.#database,
        `SELECT 1 FROM track_artists WHERE artist_id = ?1 UNION ALL SELECT 1 FROM album_artists WHERE artist_id = ?1`,
      ).get(id);
      if (used !== undefined) continue;
      statement(this.#database, 'DELETE FROM artists WHERE id = ?').run(id);
      this.#index.removeArtist(id);
    }
  }
}

type ArtistPair = readonly [id: string, name: string];

function pairsOf(row: Row): readonly ArtistPair[] {
  return JSON.parse(textOf(row, 'artists')) as readonly ArtistPair[];
}

function genresOf(row: Row): readonly string[] {
  return JSON.parse(textOf(row, 'genres')) as readonly string[];
}

function earliest(years: readonly (number | null)[]): number | null {
  const known = years.filter((year) => year !== null);
  return known.length === 0 ? null : Math.min(...known);
}
