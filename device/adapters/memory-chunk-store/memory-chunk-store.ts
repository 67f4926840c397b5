/** Sealed segments in memory, the least recently used thrown away first, bounded by bytes. */
import { LRUCache } from 'lru-cache';
import type { ChunkStore } from '#device/core/ports/chunk-store';
import { createBoundedMemo } from '#protocol/kit/bounded-memo';
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
  // Each second a whole track is walked along several times, and joining and hashing a key anew was most of what a look took.
  const keysOf = createBoundedMemo(FILES_REMEMBERED_MAX, (_fileId: string): string[] => []);
  const keyOf = (fileId: string, segment: number): string => {
    const keys = keysOf(fileId);
    // A track's segments are asked for from wherever it is played: what is before stays empty.
    keys[segment] ??= `${fileId}/${segment}`;
    return keys[segment];
  };
  return {
    get: (fileId, segment) => cache.get(keyOf(fileId, segment)),
    put: (fileId, segment, sealed) => {
      cache.set(keyOf(fileId, segment), sealed);
      return cache.has(keyOf(fileId, segment));
    },
    remove: (fileId, segment) => {
      cache.delete(keyOf(fileId, segment));
    },
    sizeBytes: () => cache.calculatedSize,
  };
}
