/**
 * When to press play on music that is still being found. The queue is what is known at that moment, so a little patience gives
 * the whole album; too much of it and a large library starts late. Pure, with times as arguments.
 */
import type { IngestView } from '#protocol/wire/household';

/** With something to play, the rest of the folder is waited for at most this long. */
export const PATIENCE_MS = 2_000;
/** A folder that has shown nothing new for this long has probably been seen whole. */
export const SETTLED_MS = 400;

export interface MusicSeen {
  /** Tracks in the catalogue. */
  readonly tracks: number;
  /** Since the first of them was seen. */
  readonly sinceFirstMs: number;
  /** Since their number changed. */
  readonly unchangedMs: number;
  readonly ingest: Pick<IngestView, 'isRunning' | 'found' | 'failed'>;
  /** More files are on their way into the folder (the album is being composed). */
  readonly isGrowing: boolean;
}

/** @returns `nothing` when there is no music and none will come */
export function decidePlay(seen: MusicSeen): 'wait' | 'play' | 'nothing' {
  if (seen.tracks === 0) return seen.ingest.isRunning || seen.isGrowing ? 'wait' : 'nothing';
  if (seen.sinceFirstMs >= PATIENCE_MS) return 'play';
  const isAllListed = seen.tracks >= seen.ingest.found - seen.ingest.failed;
  if (!seen.ingest.isRunning && isAllListed) return 'play';
  return isAllListed && seen.unchangedMs >= SETTLED_MS ? 'play' : 'wait';
}
