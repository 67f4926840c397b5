/**
 * Music in the Web API's JSON. Fields that have no meaning in a house (markets, popularity, previews) are there with
 * their empty value, because typed clients expect them. Pure.
 */
import { framesToMs } from '#protocol/vocabulary/units';
import type { Album, Artist, ArtistReference, Track } from '../ports/catalogue.ts';

/** @param base the bridge's address as the client wrote it, e.g. `http://192.168.1.4:4747` */
export function viewTrack(base: string, track: Track) {
  return {
    album: viewAlbumOfTrack(base, track),
    artists: track.artists.map((artist) => viewArtistReference(base, artist)),
    available_markets: [],
    disc_number: track.discNumber,
    duration_ms: Math.round(framesToMs(track.durationFrames)),
    explicit: false,
    external_ids: {},
    external_urls: {},
    href: `${base}/v1/tracks/${track.id}`,
    id: track.id,
    is_local: false,
    is_playable: track.availability !== 'unreadable',
    name: track.title,
    popularity: 0,
    preview_url: null,
    track_number: track.trackNumber,
    type: 'track',
    uri: `tonearm:track:${track.id}`,
  };
}
export type TrackJson = ReturnType<typeof viewTrack>;

export function viewAlbum(base: string, album: Album) {
  return {
    ...viewAlbumReference(base, album),
    artists: album.artists.map((artist) => viewArtistReference(base, artist)),
    genres: album.genres,
    images: viewImages(base, album.artPath),
    popularity: 0,
    ...viewReleaseDate(album.year),
    total_tracks: album.trackCount,
  };
}

/** As the list of what somebody has saved shows it; in a house that is everything, from the day it came. */
export function viewSavedTrack(base: string, track: Track) {
  return { added_at: new Date(track.addedAtMs).toISOString(), track: viewTrack(base, track) };
}

export function viewSavedAlbum(base: string, album: Album) {
  return { added_at: new Date(album.addedAtMs).toISOString(), album: viewAlbum(base, album) };
}

export function viewArtist(base: string, artist: Artist) {
  return {
    ...viewArtistReference(base, artist),
    followers: { href: null, total: 0 },
    genres: [],
    images: [],
    popularity: 0,
  };
}

function viewArtistReference(base: string, { id, name }: ArtistReference) {
  return {
    external_urls: {},
    href: `${base}/v1/artists/${id}`,
    id,
    name,
    type: 'artist',
    uri: `tonearm:artist:${id}`,
  };
}

/** A track knows its album's name, artists, picture and year; how many tracks it has, only the album does. */
function viewAlbumOfTrack(base: string, { album, artPath, year }: Track) {
  return {
    ...viewAlbumReference(base, album),
    artists: album.artists.map((artist) => viewArtistReference(base, artist)),
    images: viewImages(base, artPath),
    ...viewReleaseDate(year),
  };
}

function viewAlbumReference(base: string, { id, title }: Pick<Album, 'id' | 'title'>) {
  return {
    album_type: 'album',
    available_markets: [],
    external_ids: {},
    external_urls: {},
    href: `${base}/v1/albums/${id}`,
    id,
    name: title,
    type: 'album',
    uri: `tonearm:album:${id}`,
  };
}

function viewReleaseDate(year: number | null) {
  return { release_date: year === null ? '0000' : String(year).padStart(4, '0'), release_date_precision: 'year' };
}

/** The picture's size is not known without reading it; null is what the Web API says then. */
function viewImages(base: string, artPath: string | null) {
  return artPath === null ? [] : [{ url: `${base}${artPath}`, width: null, height: null }];
}
