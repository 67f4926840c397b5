/** An edge's slices in memory by lru-cache, bounded in bytes of music. */
import { LRUCache } from 'lru-cache';
import type { MemorySlice, SliceMemory } from '#bridge/core/ports/slice-memory';
import type { Bytes } from '#protocol/vocabulary/units';

export function createLruSliceMemory(limitBytes: Bytes): SliceMemory {
  const slices = new LRUCache<string, MemorySlice>({
    maxSize: limitBytes,
    sizeCalculation: (slice) => Math.max(1, slice.data.length),
  });
  return {
    get: (key) => slices.get(key),
    set: (key, slice) => void slices.set(key, slice),
    sizeBytes: () => slices.calculatedSize,
  };
}
