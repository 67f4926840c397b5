/** Sealed segments in memory, the least recently used thrown away first, bounded by bytes. */
import { LRUCache } from 'lru-cache';
import type { ChunkStore } from '#device/core/ports/chunk-store';
import { type Bytes, bytes } from '#protocol/vocabulary/units';

/** 13 minutes at 160 kbit/s: the current track, the next one, and the way back to the one before. */
export const MEMORY_STORE_BYTES_DEFAULT = bytes(16 * 1024 * 1024);

/** @param limitBytes what the segments may add up to; a single one larger than this is not kept */
export function createMemoryChunkStore(limitBytes: Bytes = MEMORY_STORE_BYTES_DEFAULT): ChunkStore {
  const cache = new LRUCache<string, Uint8Array>({
    maxSize: limitBytes,
    sizeCalculation: (sealed) => Math.max(1, sealed.byteLength),
  });
  const key = (fileId: string, segment: number): string => `${fileId}/${segment}`;
  return {
    get: (fileId, segment) => cache.get(key(fileId, segment)),
    put: (fileId, segment, sealed) => {
      cache.set(key(fileId, segment), sealed);
      return cache.has(key(fileId, segment));
    },
    remove: (fileId, segment) => {
      cache.delete(key(fileId, segment));
    },
    sizeBytes: () => cache.calculatedSize,
  };
}
