/**
 * Lists of tracks that somebody has made and keeps elsewhere: here they are only read. What a list names and the library
 * does not have is left out, and comes back with the file.
 */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { PlaylistId, TrackId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';

export interface Playlist {
  /** The same for as long as it is kept in the same place. */
  readonly id: PlaylistId;
  readonly name: string;
  /** In order; a track may be there twice. At most `PLAYLIST_TRACKS_MAX`. */
  readonly trackIds: readonly TrackId[];
}

/** As many as a context may have. */
export const PLAYLIST_TRACKS_MAX = 10_000;
export const PLAYLISTS_MAX = 1_000;

export interface PlaylistReader {
  /** By name, then id; at most `PLAYLISTS_MAX`. */
  playlists(): Promise<readonly Playlist[]>;
  /** Refused with `catalogue.not-found`. */
  playlist(id: PlaylistId): Promise<Result<Playlist, TonearmError>>;
}
