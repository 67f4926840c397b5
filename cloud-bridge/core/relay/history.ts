/** What was played last, as the session's reports tell it. */
import type { TrackId } from '#protocol/vocabulary/ids';
import type { SessionState } from '#protocol/wire/playback-state';
import type { PlayedTrack } from '../ports/household.ts';

export interface History {
  /** Looks at a report of the session; a track that has begun to sound since the last one is an entry. */
  observe(state: SessionState, wallMs: number): void;
  /** Newest first. */
  entries(): readonly PlayedTrack[];
}

/** @param limit entries kept @param kept what an earlier bridge had */
export function createHistory(limit: number, kept: readonly PlayedTrack[] = []): History {
  // What was played last may still be playing: that is no second time.
  let sounding: TrackId | null = kept[0]?.trackId ?? null;
  let entries = kept.slice(0, limit);
  return {
    observe: ({ playback, queue }, wallMs) => {
      if (playback.kind === 'stopped') sounding = null;
      if (playback.kind !== 'playing' || playback.trackId === sounding) return;
      sounding = playback.trackId;
      const entry = { trackId: playback.trackId, playedAtMs: wallMs, contextUri: queue.contextUri };
      entries = [entry, ...entries].slice(0, limit);
    },
    entries: () => entries,
  };
}
