/** What a stretch of sound belongs to. Compared by identity: a new load, seek or track has a new tag. */
import type { TrackId } from '#protocol/vocabulary/ids';
import type { Frames } from '#protocol/vocabulary/units';

export interface PlayTag {
  readonly generation: number;
  readonly trackId: TrackId;
  readonly durationFrames: Frames;
}
