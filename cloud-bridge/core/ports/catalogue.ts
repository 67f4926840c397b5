/**
 * What music there is. Read by every door, written by ingest alone. Every call is asynchronous so that the store can be
 * a file in the house or a server elsewhere.
 */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { AlbumId, ArtistId, TrackId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import type { Frames } from '#protocol/vocabulary/units';

/** An artist as a track or album names it. */
export interface ArtistReference {
  readonly id: ArtistId;
  readonly name: string;
}

/** `preparing`: known from its tags, not encoded yet; asking for its manifest brings it to the front of the work. */
export type Availability = 'preparing' | 'ready' | 'unreadable';

export interface Track {
  readonly id: TrackId;
  readonly title: string;
  readonly artists: readonly ArtistReference[];
  readonly album: { readonly id: AlbumId; readonly title: string; readonly artists: readonly ArtistReference[] };
  readonly discNumber: number;
  readonly trackNumber: number;
  /** From the tags while `preparing`, exact once `ready`. */
  readonly durationFrames: Frames;
  readonly year: number | null;
  readonly genres: readonly string[];
  /** Path below the bridge's address where the album's picture is; null without one. */
  readonly artPath: string | null;
  readonly availability: Availability;
  /** Milliseconds since 1970. */
  readonly addedAtMs: number;
}

/** Tracks that belong together, as their tags say. */
export interface Album {
  readonly id: AlbumId;
  readonly title: string;
  readonly artists: readonly ArtistReference[];
  readonly year: number | null;
  readonly genres: readonly string[];
  readonly trackCount: number;
  readonly artPath: string | null;
  readonly addedAtMs: number;
}

/** Somebody whom tags name as the performer of at least one track. */
export interface Artist {
  readonly id: ArtistId;
  readonly name: string;
  readonly albumCount: number;
}

/** A page of a longer list. `limit` is at most `PAGE_ITEMS_MAX`. */
export interface PageRequest {
  readonly offset: number;
  readonly limit: number;
}
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}
export const PAGE_ITEMS_MAX = 100;

/** How a list is ordered: by title; by artist and album; oldest year first; newest in the library first. */
export const LIST_SORTS = ['artist', 'title', 'year', 'added'] as const;
export type ListSort = (typeof LIST_SORTS)[number];
export interface ListOrder {
  readonly sort: ListSort;
  /** Only what is of this genre, whatever its case; null: all. */
  readonly genre: string | null;
}
export const BY_ARTIST: ListOrder = { sort: 'artist', genre: null };

/** A genre, as one of the files that have it spells it. */
export interface Genre {
  readonly name: string;
  readonly trackCount: number;
}

/** What was found, per kind, best first. */
export interface SearchResult {
  readonly tracks: Page<Track>;
  readonly albums: Page<Album>;
  readonly artists: Page<Artist>;
}

export interface CatalogueReader {
  track(id: TrackId): Promise<Result<Track, TonearmError>>;
  /** In the order asked; those not found are left out. At most 1,000 ids. */
  tracks(ids: readonly TrackId[]): Promise<readonly Track[]>;
  album(id: AlbumId): Promise<Result<Album, TonearmError>>;
  /** All of an album in disc and track order, without those that are `unreadable`; at most 1,000. */
  albumTracks(id: AlbumId): Promise<Result<readonly Track[], TonearmError>>;
  artist(id: ArtistId): Promise<Result<Artist, TonearmError>>;
  artistAlbums(id: ArtistId, page: PageRequest): Promise<Result<Page<Album>, TonearmError>>;
  artistTracks(id: ArtistId): Promise<Result<readonly Track[], TonearmError>>;
  /** By artist: by artist, year, title. */
  albums(page: PageRequest, order?: ListOrder): Promise<Page<Album>>;
  /** By artist: by artist, album, disc, number; without those that are `unreadable`. */
  allTracks(page: PageRequest, order?: ListOrder): Promise<Page<Track>>;
  /** By name, with how many tracks each has. */
  genres(page: PageRequest): Promise<Page<Genre>>;
  artists(page: PageRequest): Promise<Page<Artist>>;
  /**
   * Every word must be, or begin, a word of title, artist or album; accents and case do not matter. Whole words come first,
   * then beginnings, then, when little was found, words that are spelt alike.
   */
  search(query: string, page: PageRequest): Promise<SearchResult>;
}
