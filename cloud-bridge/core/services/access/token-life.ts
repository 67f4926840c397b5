/** How long content tokens live: as long as the music and a minute, so that revoking is rarely even needed. */
import { FRAMES_PER_SECOND, type Frames } from '#protocol/vocabulary/units';

/** Beyond the track's own length: to start, to buffer. A speaker that was paused asks for a new manifest. */
const BEYOND_TRACK_S = 60;
/** The longest track that a manifest can describe is a day. */
export const TOKEN_LIFE_MAX_S = 24 * 60 * 60 + BEYOND_TRACK_S;

/** Seconds for which a token of a track that long is good. */
export function tokenLifeS(durationFrames: Frames): number {
  return Math.min(TOKEN_LIFE_MAX_S, Math.floor(durationFrames / FRAMES_PER_SECOND) + BEYOND_TRACK_S);
}
