/** Where and when music may be played, as its owner has laid down. What nobody laid down is free. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { AlbumId, TrackId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';

/** A rule on a track or an album. Absent parts (null) do not restrict. */
export interface AvailabilityRules {
  /** ISO 3166-1 alpha-2, upper case; null: all countries; empty: nowhere. */
  readonly countries: readonly string[] | null;
  /** First instant, in milliseconds since 1970; null: ever since. */
  readonly fromMs: number | null;
  /** First instant at which it may no longer be played; null: for ever. */
  readonly untilMs: number | null;
}

export interface AvailabilityRulesStore {
  /** The rules of the track and of its album, at most two; all must allow. */
  rulesFor(id: TrackId): Promise<readonly AvailabilityRules[]>;
  /** Replaces the rule; one that restricts nothing removes it. Refused with `catalogue.not-found`. */
  setTrackRules(id: TrackId, rules: AvailabilityRules): Promise<Result<void, TonearmError>>;
  setAlbumRules(id: AlbumId, rules: AvailabilityRules): Promise<Result<void, TonearmError>>;
  /** What was laid down, or what restricts nothing. Refused with `catalogue.not-found`. */
  trackRules(id: TrackId): Promise<Result<AvailabilityRules, TonearmError>>;
  albumRules(id: AlbumId): Promise<Result<AvailabilityRules, TonearmError>>;
}
