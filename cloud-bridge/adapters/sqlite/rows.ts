/** Rows of the database as values of the contract. What is stored was checked when it was written; a bad row is a bug. */
import type { Album, Artist, ArtistReference, Availability, Track } from '#bridge/core/ports/catalogue';
import { isErrorCode, TonearmError } from '#protocol/vocabulary/errors';
import { albumId, artistId, trackId } from '#protocol/vocabulary/ids';
import { frames } from '#protocol/vocabulary/units';

export type Row = Record<string, unknown>;

/** Where a picture is found below the bridge's address, but for its key. */
const ART_PATH = '/tonearm/v1/art';

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`column ${column} holds no text`);
  return value;
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new Error(`column ${column} holds no number`);
  return value;
}

export function maybeTextOf(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

export function maybeNumberOf(row: Row, column: string): number | null {
  return row[column] === null ? null : numberOf(row, column);
}

export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new Error(`column ${column} holds no bytes`);
  return value;
}

function artistsOf(row: Row, column: string): readonly ArtistReference[] {
  const pairs = JSON.parse(textOf(row, column)) as readonly (readonly [string, string])[];
  return pairs.map(([id, name]) => ({ id: artistId(id), name }));
}

/** The form in which `artistsOf` reads them back. */
export function artistsText(artists: readonly ArtistReference[]): string {
  return JSON.stringify(artists.map(({ id, name }) => [id, name]));
}

function genresOf(row: Row): readonly string[] {
  return JSON.parse(textOf(row, 'genres')) as readonly string[];
}

function artPathOf(row: Row, column: string): string | null {
  const key = maybeTextOf(row, column);
  return key === null ? null : `${ART_PATH}/${key}`;
}

/** Columns that `trackOf` reads; the tables are `t` (tracks) and `a` (albums). */
export const TRACK_COLUMNS = `t.id, t.title, t.artists, t.disc, t.position, t.duration_frames, t.year, t.genres,
  coalesce(t.picture_key, a.picture_key) AS picture_key, t.availability, t.added_at_ms,
  a.id AS album_id, a.title AS album_title, a.artists AS album_artists`;

export function trackOf(row: Row): Track {
  return {
    id: trackId(textOf(row, 'id')),
    title: textOf(row, 'title'),
    artists: artistsOf(row, 'artists'),
    album: {
      id: albumId(textOf(row, 'album_id')),
      title: textOf(row, 'album_title'),
      artists: artistsOf(row, 'album_artists'),
    },
    discNumber: numberOf(row, 'disc'),
    trackNumber: numberOf(row, 'position'),
    durationFrames: frames(numberOf(row, 'duration_frames')),
    year: maybeNumberOf(row, 'year'),
    genres: genresOf(row),
    artPath: artPathOf(row, 'picture_key'),
    availability: textOf(row, 'availability') as Availability,
    addedAtMs: numberOf(row, 'added_at_ms'),
  };
}

export const ALBUM_COLUMNS = 'a.id, a.title, a.artists, a.year, a.genres, a.track_count, a.picture_key, a.added_at_ms';

export function albumOf(row: Row): Album {
  return {
    id: albumId(textOf(row, 'id')),
    title: textOf(row, 'title'),
    artists: artistsOf(row, 'artists'),
    year: maybeNumberOf(row, 'year'),
    genres: genresOf(row),
    trackCount: numberOf(row, 'track_count'),
    artPath: artPathOf(row, 'picture_key'),
    addedAtMs: numberOf(row, 'added_at_ms'),
  };
}

export const ARTIST_COLUMNS =
  'r.id, r.name, (SELECT count(*) FROM album_artists l WHERE l.artist_id = r.id) AS album_count';

export function artistOf(row: Row): Artist {
  return { id: artistId(textOf(row, 'id')), name: textOf(row, 'name'), albumCount: numberOf(row, 'album_count') };
}

/** The failure a row remembers; null when it remembers none. */
export function failureOf(row: Row): TonearmError | null {
  const code = maybeTextOf(row, 'failure_code');
  if (code === null) return null;
  const message = maybeTextOf(row, 'failure_message') ?? 'it could not be read';
  return new TonearmError(isErrorCode(code) ? code : 'ingest.unreadable-file', message);
}
