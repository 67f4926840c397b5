/**
 * Sealed segments kept beyond the memory and the life of the process, so that what was fetched once is not fetched again.
 *
 * What it loses, it may lose at any time, and what lies in it is not trusted: whoever reads a segment opens it, and so
 * verifies it, before it is used. Asking what is there never waits; reading and writing never hold up the caller.
 */
import type { FileId } from '#protocol/vocabulary/ids';

export interface ChunkArchive {
  /** From an index in memory; false before `ready`. */
  has(fileId: FileId, segment: number): boolean;
  /** Undefined when it is gone or cannot be read; it is then no longer there. Never rejects. */
  read(fileId: FileId, segment: number): Promise<Uint8Array | undefined>;
  /**
   * Keeps it soon, if it can be: what comes faster than it can be written is let go, and what was used longest ago goes
   * first when the limit is reached. Put twice is harmless. The bytes are not copied; the caller does not write to them.
   */
  put(fileId: FileId, segment: number, sealed: Uint8Array): void;
  /** Throws one away: it was found to be corrupt. */
  remove(fileId: FileId, segment: number): void;
  /** Bytes kept; never above the limit given at construction, after an unclean end neither. */
  sizeBytes(): number;
  /** Resolves when what was left by an earlier process has been found. Never rejects. */
  ready(): Promise<void>;
  /** Resolves when what was put before is kept, or cannot be. Twice is harmless. */
  close(): Promise<void>;
}
