/** Makes a picture out of a stranger's file small and harmless. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';

/** The longer side of a stored picture: what a phone shows across its whole width. */
export const PICTURE_SIDE_MAX = 600;
/** Pixels that a picture may unpack to: 8,000 x 8,000; more is a bomb. */
export const PICTURE_PIXELS_MAX = 64_000_000;

export interface PictureSizer {
  /** At most `PICTURE_SIDE_MAX` on each side, upright, nothing else in it. Refused with `ingest.unreadable-file` and the reason. */
  fit(picture: Uint8Array): Promise<Result<Uint8Array, TonearmError>>;
}
