/** Opens sealed segments (AES-128-GCM, spec section 8.3). */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';

export interface SegmentCipher {
  /** @returns the plaintext, or `fetch.corrupt-segment` when one bit of bytes, number, file or last-flag is not as sealed */
  open(sealed: Uint8Array, seal: SegmentSeal): Result<Uint8Array, TonearmError>;
}

/** What a segment is sealed under: whose it is, which one, and whether it is the last. */
export interface SegmentSeal {
  readonly keyBase64: string;
  readonly fileId: FileId;
  readonly segment: number;
  readonly isLast: boolean;
}
