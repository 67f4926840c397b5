/** What every chunk store must keep to: the contract of `device/core/ports/chunk-store.ts` as tests. */
import { describe, expect, it } from 'vitest';
import type { ChunkStore } from '#device/core/ports/chunk-store';
import { fileId } from '#protocol/vocabulary/ids';
import { type Bytes, bytes } from '#protocol/vocabulary/units';

const FILE = fileId('a'.repeat(64));
const OTHER = fileId('b'.repeat(64));
const LIMIT = bytes(10_000);

export function describeChunkStore(name: string, create: (limitBytes: Bytes) => ChunkStore): void {
  describe(`chunk store: ${name}`, () => {
    it('gives back what was put, by file and number', () => {
      const store = create(LIMIT);
      expect(store.put(FILE, 3, Uint8Array.of(1, 2, 3))).toBe(true);
      expect(store.put(OTHER, 3, Uint8Array.of(9))).toBe(true);
      expect(store.get(FILE, 3)).toEqual(Uint8Array.of(1, 2, 3));
      expect(store.get(OTHER, 3)).toEqual(Uint8Array.of(9));
      expect(store.get(FILE, 4)).toBeUndefined();
      expect(store.sizeBytes()).toBe(4);
    });

    it('never holds more than its limit, and keeps what came last', () => {
      const store = create(LIMIT);
      for (let segment = 0; segment < 50; segment += 1) {
        expect(store.put(FILE, segment, new Uint8Array(700))).toBe(true);
        expect(store.sizeBytes()).toBeLessThanOrEqual(LIMIT);
      }
      expect(store.get(FILE, 49)).toBeDefined();
      expect(store.get(FILE, 0)).toBeUndefined();
    });

    it('says that it did not keep what is larger than all of it', () => {
      const store = create(LIMIT);
      expect(store.put(FILE, 0, new Uint8Array(LIMIT + 1))).toBe(false);
      expect(store.get(FILE, 0)).toBeUndefined();
      expect(store.sizeBytes()).toBeLessThanOrEqual(LIMIT);
    });

    it('forgets what is removed; removing it twice is harmless', () => {
      const store = create(LIMIT);
      store.put(FILE, 1, new Uint8Array(100));
      store.remove(FILE, 1);
      store.remove(FILE, 1);
      expect(store.get(FILE, 1)).toBeUndefined();
      expect(store.sizeBytes()).toBe(0);
    });

    it('replaces what is put again', () => {
      const store = create(LIMIT);
      store.put(FILE, 1, new Uint8Array(100));
      store.put(FILE, 1, Uint8Array.of(5));
      expect(store.get(FILE, 1)).toEqual(Uint8Array.of(5));
      expect(store.sizeBytes()).toBe(1);
    });
  });
}
