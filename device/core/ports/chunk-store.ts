/**
 * Bounded keeping of sealed segments, so that nothing is fetched twice. What it loses, it may lose at any time.
 */
import type { FileId } from '#protocol/vocabulary/ids';

export interface ChunkStore {
  get(fileId: FileId, segment: number): Uint8Array | undefined;
  /** True when kept at least for now. The bytes are not copied; the caller does not write to them again. */
  put(fileId: FileId, segment: number, sealed: Uint8Array): boolean;
  /** Throws one away: it was found to be corrupt. */
  remove(fileId: FileId, segment: number): void;
  /** Bytes kept now; never above the limit given at construction. */
  sizeBytes(): number;
}
