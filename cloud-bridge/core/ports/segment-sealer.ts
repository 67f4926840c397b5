/** Seals segments with AES-128-GCM as the contract's `wire/manifest.ts` lays down, and adds up what is in them. */
import type { FileId } from '#protocol/vocabulary/ids';

export interface SegmentSealer {
  /** Sixteen random bytes; a key seals one file once. */
  newKey(): Uint8Array;
  seal(segment: OpenSegment): Uint8Array;
  /** A running SHA-256. */
  startDigest(): RunningDigest;
}

/** A segment before it is sealed, with what its seal is to name. */
export interface OpenSegment {
  readonly key: Uint8Array;
  readonly fileId: FileId;
  readonly segment: number;
  readonly isLast: boolean;
  readonly plaintext: Uint8Array;
}

export interface RunningDigest {
  add(bytes: Uint8Array): void;
  /** Sixty-four hexadecimal digits. Ends the digest. */
  hex(): string;
}
