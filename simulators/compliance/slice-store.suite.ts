/** What every slice store must keep to: the contract of `cloud-bridge/core/ports/slice-store.ts` as tests. */
import { afterEach, describe, expect, it } from 'vitest';
import type { SliceStore } from '#bridge/core/ports/slice-store';
import { fileId } from '#protocol/vocabulary/ids';
import { bytes } from '#protocol/vocabulary/units';

const FILE = fileId('a'.repeat(64));
const OTHER = fileId('b'.repeat(64));
export const SUITE_SLICE_BYTES = bytes(1_000);
export const SUITE_SLICES_MAX = 8;

/** One disk; `open` closes what was open on it before. */
export interface SliceStoreRig {
  open(): Promise<SliceStore>;
  stop(): Promise<void>;
}

export function describeSliceStore(name: string, create: () => Promise<SliceStoreRig>): void {
  describe(`slice store: ${name}`, () => {
    let rig: SliceStoreRig;
    const opened = async () => {
      rig = await create();
      return rig.open();
    };
    afterEach(() => rig.stop());
    const slice = (value: number, length = 1_000) => new Uint8Array(length).fill(value);

    it('gives back what was written, by file and number, and knows how long the object is', async () => {
      const store = await opened();
      expect(await store.write(FILE, 3, bytes(3_500), slice(1, 500))).toBe(true);
      expect(await store.write(OTHER, 3, bytes(9_000), slice(2))).toBe(true);
      expect([...((await store.read(FILE, 3)) ?? [])]).toEqual([...slice(1, 500)]);
      expect([...((await store.read(OTHER, 3)) ?? [])]).toEqual([...slice(2)]);
      expect([store.has(FILE, 3), store.has(FILE, 2)]).toEqual([true, false]);
      expect([store.objectBytes(FILE), store.objectBytes(OTHER)]).toEqual([3_500, 9_000]);
      expect([await store.read(FILE, 4), store.objectBytes(fileId('c'.repeat(64)))]).toEqual([null, null]);
    });

    it('is bounded; the least recently used go first, and a touch is a use', async () => {
      const store = await opened();
      for (let index = 0; index < SUITE_SLICES_MAX; index += 1)
        await store.write(FILE, index, bytes(99_000), slice(index));
      await store.read(FILE, 0);
      store.touch(FILE, 1);
      for (let index = 0; index < 2; index += 1) await store.write(OTHER, index, bytes(99_000), slice(index));
      const kept = Array.from({ length: SUITE_SLICES_MAX }, (_, index) => index).filter((index) =>
        store.has(FILE, index),
      );
      expect(kept).toEqual([0, 1, 4, 5, 6, 7]);
      expect(store.usage()).toMatchObject({ slices: SUITE_SLICES_MAX, slicesMax: SUITE_SLICES_MAX, evicted: 2 });
    });

    it('does without what is empty or too long', async () => {
      const store = await opened();
      expect(await store.write(FILE, 0, bytes(99_000), slice(1, 1_001))).toBe(false);
      expect(await store.write(FILE, 0, bytes(99_000), slice(1, 0))).toBe(false);
      expect([store.has(FILE, 0), store.usage().unwritten]).toEqual([false, 2]);
    });

    it('has after a restart what it had, in the same order of use', async () => {
      const store = await opened();
      for (let index = 0; index < SUITE_SLICES_MAX; index += 1)
        await store.write(FILE, index, bytes(99_000), slice(index));
      await store.read(FILE, 0);
      await store.close();
      const again = await rig.open();
      expect([...((await again.read(FILE, 5)) ?? [])]).toEqual([...slice(5)]);
      expect(again.objectBytes(FILE)).toBe(99_000);
      await again.write(OTHER, 0, bytes(99_000), slice(9));
      expect([again.has(FILE, 0), again.has(FILE, 1)]).toEqual([true, false]);
    });
  });
}
