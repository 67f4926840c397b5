/** Sealed segments in memory, the least recently used thrown away first, bounded by bytes. */
import { LRUCache } from 'lru-cache';
import type { ChunkStore } from '#device/core/ports/chunk-store';
import { type Bytes, bytes } from '#protocol/vocabulary/units';

/** 13 minutes at 160 kbit/s: the current track, the next one, and the way back to the one before. */
export const MEMORY_STORE_BYTES_DEFAULT = bytes(16 * 1024 * 1024);
/** Files whose keys are remembered: those of two tracks in all their qualities. */
const FILES_REMEMBERED_MAX = 8;

/** @param limitBytes what the segments may add up to; a single one larger than this is not kept */
export function createMemoryChunkStore(limitBytes: Bytes = MEMORY_STORE_BYTES_DEFAULT): ChunkStore {
  const cache = new LRUCache<string, Uint8Array>({
    maxSize: limitBytes,
    sizeCalculation: (sealed) => Math.max(1, sealed.byteLength),
  });
  const keys = new SegmentKeys();
  return {
    get: (fileId, segment) => cache.get(keys.of(fileId, segment)),
    put: (fileId, segment, sealed) => {
      cache.set(keys.of(fileId, segment), sealed);
      return cache.has(keys.of(fileId, segment));
    },
    remove: (fileId, segment) => {
      cache.delete(keys.of(fileId, segment));
    },
    sizeBytes: () => cache.calculatedSize,
  };
}

/**
 * The keys of what is asked for again and again: each second a whole track is walked along several times, and joining and
 * hashing a key anew was most of what a look took.
 */
class SegmentKeys {
  readonly #byFile = new Map<string, string[]>();

  of(fileId: string, segment: number): string {
    let keys = this.#byFile.get(fileId);
    if (keys === undefined) {
      if (this.#byFile.size >= FILES_REMEMBERED_MAX) this.#byFile.clear();
      keys = [];
      this.#byFile.set(fileId, keys);
    }
    // A track's segments are asked for from wherever it is played: what is before stays empty.
    keys[segment] ??= `${fileId}/${segment}`;
    return keys[segment];
  }
}
