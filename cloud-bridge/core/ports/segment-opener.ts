/** Opens sealed segments as the contract's `wire/manifest.ts` lays down: the other direction of `SegmentSealer`. */
import type { FileId } from '#protocol/vocabulary/ids';
import type { RunningDigest } from './segment-sealer.ts';

/** A segment as it is stored, with what its seal must name. */
export interface SealedSegment {
  readonly key: Uint8Array;
  readonly fileId: FileId;
  readonly segment: number;
  readonly isLast: boolean;
  readonly sealed: Uint8Array;
}

export interface SegmentOpener {
  /** @returns the plaintext; null when the seal does not hold */
  open(segment: SealedSegment): Uint8Array | null;
  /** A running SHA-256. */
  startDigest(): RunningDigest;
}
