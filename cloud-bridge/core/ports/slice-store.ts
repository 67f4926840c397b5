/**
 * Where an edge keeps slices longer than memory does: bounded, the least recently used go first, and a restart keeps them.
 * A cache and never a store: whatever it cannot read or write it does without, and says so in its counts.
 */
import type { FileId } from '#protocol/vocabulary/ids';
import type { Bytes } from '#protocol/vocabulary/units';

export interface SliceStore {
  /** The longest slice it takes. */
  readonly sliceBytes: Bytes;
  /** Whether it has it now, without reading it; does not count as a use. */
  has(fileId: FileId, index: number): boolean;
  /** Null when it has none, or has one whose bytes are no longer what was written: that one is dropped. Never throws. */
  read(fileId: FileId, index: number): Promise<Uint8Array | null>;
  /** False when it could not be kept; what was there before may be gone. Never throws. Bytes may not change until it is done. */
  write(fileId: FileId, index: number, objectBytes: Bytes, slice: Uint8Array): Promise<boolean>;
  /** It was used out of memory, so that it is not the next to go. */
  touch(fileId: FileId, index: number): void;
  /** Of an object of which it has a slice; null when it knows none. */
  objectBytes(fileId: FileId): Bytes | null;
  usage(): SliceStoreUsage;
  /** What it has is there at the next start. Twice is harmless. */
  close(): Promise<void>;
}

export interface SliceStoreUsage {
  readonly slices: number;
  readonly slicesMax: number;
  /** Since the start: slices that made room for others. */
  readonly evicted: number;
  /** Since the start: slices found to be other bytes than were written. */
  readonly corrupt: number;
  /** Since the start: slices that could not be written. */
  readonly unwritten: number;
}
