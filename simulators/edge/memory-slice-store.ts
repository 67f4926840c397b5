/** A slice store in memory that lives as long as its disk does: the twin that the core's tests run on. */
import type { SliceStore } from '#bridge/core/ports/slice-store';
import { type Bytes, bytes } from '#protocol/vocabulary/units';

export interface SliceDisk {
  /** Least recently used first. */
  readonly slices: Map<string, { readonly objectBytes: Bytes; readonly data: Uint8Array }>;
}

export function createSliceDisk(): SliceDisk {
  return { slices: new Map() };
}

export function createMemorySliceStore(disk: SliceDisk, sliceBytes: Bytes, slicesMax: number): SliceStore {
  const { slices } = disk;
  let [evicted, unwritten] = [0, 0];
  const store: SliceStore = {
    sliceBytes,
    has: (fileId, index) => slices.has(`${fileId}/${index}`),
    read: async (fileId, index) => {
      store.touch(fileId, index);
      return slices.get(`${fileId}/${index}`)?.data ?? null;
    },
    write: async (fileId, index, objectBytes, slice) => {
      if (slice.length === 0 || slice.length > sliceBytes) {
        unwritten += 1;
        return false;
      }
      slices.set(`${fileId}/${index}`, { objectBytes, data: slice.slice() });
      for (const key of slices.keys()) {
        if (slices.size <= slicesMax) break;
        slices.delete(key);
        evicted += 1;
      }
      return true;
    },
    touch: (fileId, index) => {
      const key = `${fileId}/${index}`;
      const slice = slices.get(key);
      if (slice === undefined) return;
      slices.delete(key);
      slices.set(key, slice);
    },
    objectBytes: (fileId) => {
      for (const [key, slice] of slices) if (key.startsWith(`${fileId}/`)) return bytes(slice.objectBytes);
      return null;
    },
    usage: () => ({ slices: slices.size, slicesMax, evicted, corrupt: 0, unwritten }),
    close: async () => {},
  };
  return store;
}
