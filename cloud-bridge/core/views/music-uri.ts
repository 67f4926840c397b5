/**
 * Names of music as phones write them: `tonearm:track:ID`, or with any other word in front, since clients made for other
 * servers write theirs. Pure.
 */
import type { AlbumId, ArtistId, PlaylistId, TrackId } from '#protocol/vocabulary/ids';
import { albumId, artistId, playlistId, trackId } from '#protocol/vocabulary/ids';

export type MusicUri =
  | { readonly kind: 'track'; readonly id: TrackId }
  | { readonly kind: 'album'; readonly id: AlbumId }
  | { readonly kind: 'artist'; readonly id: ArtistId }
  | { readonly kind: 'playlist'; readonly id: PlaylistId }
  | { readonly kind: 'library' };

const URI = /^[a-z][a-z0-9+.-]{0,31}:(?:(track|album|artist|playlist):([0-9A-Za-z]{22})|library)$/;

/** @returns null for what names none of them */
export function parseMusicUri(text: string): MusicUri | null {
  const match = URI.exec(text);
  if (match === null) return null;
  const [, kind, id] = match;
  if (id === undefined) return { kind: 'library' };
  if (kind === 'track') return { kind, id: trackId(id) };
  if (kind === 'playlist') return { kind, id: playlistId(id) };
  return kind === 'album' ? { kind, id: albumId(id) } : { kind: 'artist', id: artistId(id) };
}

/** As we write it. */
export function formatMusicUri(uri: MusicUri): string {
  return uri.kind === 'library' ? 'tonearm:library' : `tonearm:${uri.kind}:${uri.id}`;
}
