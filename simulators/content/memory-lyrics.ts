/** Lyrics in memory: the twin of the store. */
import type { Lyrics, LyricsReader, LyricsWriter } from '#bridge/core/ports/lyrics';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { ok, refused } from '#protocol/vocabulary/result';

/** What outlives the process. */
export interface LyricsDisk {
  readonly tracks: Set<TrackId>;
  readonly lyrics: Map<TrackId, Lyrics>;
}

export function createMemoryLyrics({ tracks, lyrics }: LyricsDisk): LyricsReader & LyricsWriter {
  return {
    lyrics: async (id) => {
      const found = lyrics.get(id);
      if (found !== undefined) return ok(structuredClone(found));
      const message = tracks.has(id) ? `the track ${id} has no lyrics` : `no track ${id}`;
      return refused(new TonearmError('catalogue.not-found', message));
    },
    putLyrics: async (id, words) => {
      if (words === null) lyrics.delete(id);
      else lyrics.set(id, structuredClone(words));
    },
  };
}
