/** The words of a track: what they are, and where they are kept. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';

/** A line that begins to be sung at a moment of the track. */
export interface TimedLine {
  /** Milliseconds from the start of the track, whole. */
  readonly startMs: number;
  /** Empty for a pause. */
  readonly text: string;
}

export type Lyrics =
  /** In order of time. */
  | { readonly kind: 'timed'; readonly lines: readonly TimedLine[] }
  /** Nobody said when. Empty lines part verses. */
  | { readonly kind: 'plain'; readonly lines: readonly string[] };

export interface LyricsReader {
  /** Refused with `catalogue.not-found`, saying whether there is no such track or it has no lyrics. */
  lyrics(id: TrackId): Promise<Result<Lyrics, TonearmError>>;
}

export interface LyricsWriter {
  /** Replaces what was known; null: it has none. The track must be in the catalogue. */
  putLyrics(id: TrackId, lyrics: Lyrics | null): Promise<void>;
}
