/**
 * How one track goes over into the next: one fading into the other, or frame after frame.
 *
 * What was made to follow is never mixed: the movements of a symphony, the sides of a live record. And a short track is
 * not eaten by its crossfades: a third of it at most fades in, a third fades out.
 */
import type { AlbumPlace, Manifest } from '#protocol/wire/manifest';

/** No track is heard alone for less than a third of its length. */
const SHARE_MAX = 1 / 3;
/** A crossfade shorter than this (50 ms) would only be a bad join. */
export const CROSSFADE_FRAMES_MIN = 2_400;

export type JoinedTrack = Pick<Manifest, 'durationFrames' | 'album'>;

export type Join =
  | { readonly kind: 'gapless'; readonly reason: 'not-wanted' | 'follows-on-album' | 'too-short' }
  | { readonly kind: 'crossfade'; readonly lengthFrames: number; readonly reason: 'as-wanted' | 'short-track' };

/** @param wantedFrames 0: always gapless */
export function chooseJoin(wantedFrames: number, before: JoinedTrack, after: JoinedTrack): Join {
  if (wantedFrames === 0) return { kind: 'gapless', reason: 'not-wanted' };
  if (followsOnAlbum(before.album, after.album)) return { kind: 'gapless', reason: 'follows-on-album' };
  const longest = Math.floor(Math.min(before.durationFrames, after.durationFrames) * SHARE_MAX);
  const lengthFrames = Math.min(wantedFrames, longest);
  if (lengthFrames < CROSSFADE_FRAMES_MIN) return { kind: 'gapless', reason: 'too-short' };
  return { kind: 'crossfade', lengthFrames, reason: lengthFrames < wantedFrames ? 'short-track' : 'as-wanted' };
}

function followsOnAlbum(before: AlbumPlace | undefined, after: AlbumPlace | undefined): boolean {
  if (before === undefined || after === undefined || before.id !== after.id) return false;
  if (after.disc === before.disc) return after.track === before.track + 1;
  // Which track ends a disc is not known here; the first of the next one may well go on from it.
  return after.disc === before.disc + 1 && after.track === 1;
}
