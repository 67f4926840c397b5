/** What every chunk archive must keep to: the contract of `device/core/ports/chunk-archive.ts` as tests. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ChunkArchive } from '#device/core/ports/chunk-archive';
import { fileId } from '#protocol/vocabulary/ids';
import { type Bytes, bytes } from '#protocol/vocabulary/units';

const [ONE, TWO, THREE] = [fileId('a'.repeat(64)), fileId('b'.repeat(64)), fileId('c'.repeat(64))];
export const SUITE_LIMIT = bytes(10_000);

/** One disk; `open` is a later process, which comes with or without the earlier one's farewell. */
export interface ChunkArchiveRig {
  open(limitBytes: Bytes): ChunkArchive;
  stop(): Promise<void>;
}

export function describeChunkArchive(name: string, create: () => Promise<ChunkArchiveRig>): void {
  describe(`chunk archive: ${name}`, () => {
    let rig: ChunkArchiveRig;
    const opened = async (): Promise<ChunkArchive> => {
      rig = await create();
      return again();
    };
    const again = async (limitBytes = SUITE_LIMIT): Promise<ChunkArchive> => {
      const archive = rig.open(limitBytes);
      await archive.ready();
      return archive;
    };
    afterEach(() => rig.stop());
    const segment = (value: number, length = 1_000): Uint8Array => new Uint8Array(length).fill(value);

    it('gives back what was put, by file and number, also to a later process', async () => {
      const archive = await opened();
      archive.put(ONE, 3, segment(1, 500));
      archive.put(TWO, 3, segment(2, 700));
      expect(await archive.read(ONE, 3)).toEqual(segment(1, 500));
      expect([archive.has(TWO, 3), archive.has(TWO, 4)]).toEqual([true, false]);
      await archive.close();
      await archive.close();
      const later = await again();
      expect([later.has(ONE, 3), later.has(TWO, 3), later.has(ONE, 2)]).toEqual([true, true, false]);
      expect(await later.read(TWO, 3)).toEqual(segment(2, 700));
      expect(await later.read(THREE, 3)).toBeUndefined();
      expect(later.sizeBytes()).toBe(1_200);
    });

    it('never holds more than its limit; the file used longest ago goes first, its beginning last', async () => {
      const archive = await opened();
      for (let number = 0; number < 5; number += 1) archive.put(ONE, number, segment(1));
      for (let number = 0; number < 5; number += 1) archive.put(TWO, number, segment(2));
      await archive.close();
      const later = await again();
      expect(later.sizeBytes()).toBe(10_000);
      await later.read(ONE, 0);
      for (let number = 0; number < 3; number += 1) later.put(THREE, number, segment(3));
      await later.close();
      const last = await again();
      expect(last.sizeBytes()).toBe(10_000);
      expect([0, 1, 2, 3, 4].map((number) => last.has(TWO, number))).toEqual([true, true, false, false, false]);
      expect([0, 1, 2, 3, 4].every((number) => last.has(ONE, number))).toBe(true);
      expect([0, 1, 2].every((number) => last.has(THREE, number))).toBe(true);
    });

    it('keeps the beginning of a file that is larger than all of it', async () => {
      const archive = await opened();
      for (let number = 0; number < 15; number += 1) archive.put(ONE, number, segment(1));
      await archive.close();
      const later = await again();
      expect([later.has(ONE, 0), later.has(ONE, 9), later.has(ONE, 10)]).toEqual([true, true, false]);
      expect(later.sizeBytes()).toBe(10_000);
    });

    it('does without what is empty, or larger than all of it', async () => {
      const archive = await opened();
      archive.put(ONE, 0, segment(1, 0));
      archive.put(ONE, 1, segment(1, SUITE_LIMIT + 1));
      await archive.close();
      expect((await again()).sizeBytes()).toBe(0);
    });

    it('forgets what is removed, for later processes too; twice is harmless', async () => {
      const archive = await opened();
      archive.put(ONE, 0, segment(1));
      archive.put(ONE, 1, segment(2));
      archive.remove(ONE, 0);
      archive.remove(ONE, 0);
      expect([archive.has(ONE, 0), archive.has(ONE, 1)]).toEqual([false, true]);
      await archive.close();
      const later = await again();
      expect([later.has(ONE, 0), later.has(ONE, 1)]).toEqual([false, true]);
      later.remove(ONE, 1);
      later.put(ONE, 1, segment(9));
      await later.close();
      expect(await (await again()).read(ONE, 1)).toEqual(segment(9));
    });

    it('keeps the first of two that are put in one place', async () => {
      const archive = await opened();
      archive.put(ONE, 0, segment(1));
      archive.put(ONE, 0, segment(2));
      await archive.close();
      const later = await again();
      expect(await later.read(ONE, 0)).toEqual(segment(1));
      expect(later.sizeBytes()).toBe(1_000);
    });

    it('does nothing more once it is closed', async () => {
      const archive = await opened();
      archive.put(ONE, 0, segment(1));
      await archive.close();
      archive.put(ONE, 1, segment(1));
      expect([archive.has(ONE, 0), await archive.read(ONE, 0)]).toEqual([false, undefined]);
      expect((await again()).has(ONE, 1)).toBe(false);
    });
  });
}
