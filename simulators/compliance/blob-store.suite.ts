/** What every blob store must keep to: the contract of `cloud-bridge/core/ports/blob-store.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobStore, StoredItem } from '#bridge/core/ports/blob-store';
import type { StoredObject } from '#bridge/core/ports/content';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { type FileId, fileId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import { bytes } from '#protocol/vocabulary/units';

export interface BlobPlace {
  /** A store as the next process would open it, over the same place. */
  open(): Promise<BlobStore>;
  /** A finished scratch file of this content. @returns its path */
  scratch(content: Uint8Array): Promise<string>;
  /** Scratch files that are left. */
  scratchCount(): Promise<number>;
  stop(): Promise<void>;
}

const ID = fileId('ab'.repeat(32));
const OTHER = fileId('cd'.repeat(32));
/** Larger than a piece of any reader. */
const LONG = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);
const NAMES_THAT_ARE_NONE = [
  '',
  '..',
  '../../../etc/passwd',
  `../${'a'.repeat(61)}`,
  `${'A'.repeat(64)}`,
  'a'.repeat(65),
];

async function contentOf(
  opened: Promise<Result<StoredObject, TonearmError>>,
  offset = 0,
  length: number | null = null,
): Promise<Uint8Array> {
  const object = await opened;
  if (!object.ok) throw object.error;
  const pieces: Uint8Array[] = [];
  for await (const piece of object.value.read(bytes(offset), bytes(length ?? object.value.sizeBytes)))
    pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

async function listed(store: BlobStore): Promise<readonly string[]> {
  const items: StoredItem[] = [];
  for await (const item of store.list()) items.push(item);
  return items.map((it) => `${it.kind} ${it.fileId.slice(0, 4)} ${it.sizeBytes}`).sort();
}

export function describeBlobStore(name: string, create: () => Promise<BlobPlace>): void {
  describe(`blob store: ${name}`, () => {
    let place: BlobPlace;
    let store: BlobStore;
    beforeEach(async () => {
      place = await create();
      store = await place.open();
      await store.sweep(async () => true);
    });
    afterEach(() => place.stop());

    async function adopt(id: FileId, content: Uint8Array, headBytes: number): Promise<void> {
      await store.adopt(await place.scratch(content), id, bytes(headBytes));
    }

    it('gives exactly the range that is asked for, to the next process too', async () => {
      await adopt(ID, LONG, 70_000);
      const next = await place.open();
      expect(await contentOf(next.open(ID))).toEqual(LONG);
      expect(await contentOf(next.open(ID), 65_500, 70_001)).toEqual(LONG.slice(65_500, 135_501));
      expect(await contentOf(next.open(ID), 199_999, 1)).toEqual(LONG.slice(199_999));
      expect(await contentOf(next.open(ID), 10, 0)).toHaveLength(0);
    });

    it('keeps the head apart, the same bytes', async () => {
      await adopt(ID, LONG, 70_000);
      expect(await contentOf(store.openHead(ID))).toEqual(LONG.slice(0, 70_000));
      await store.remove('object', ID);
      expect(await contentOf(store.openHead(ID), 1, 5)).toEqual(LONG.slice(1, 6));
      expect(await store.open(ID)).toMatchObject({ ok: false, error: { code: 'content.not-found' } });
    });

    it('takes the scratch file away, and replaces what a killed ingest left', async () => {
      await adopt(ID, Uint8Array.of(1, 2, 3), 1);
      await adopt(ID, Uint8Array.of(4, 5), 2);
      expect([...(await contentOf(store.open(ID)))]).toEqual([4, 5]);
      expect([...(await contentOf(store.openHead(ID)))]).toEqual([4, 5]);
      expect(await place.scratchCount()).toBe(0);
    });

    it('discards a scratch file that is not to be kept, and twice is harmless', async () => {
      const path = await place.scratch(Uint8Array.of(1));
      await store.discard(path);
      await store.discard(path);
      expect(await place.scratchCount()).toBe(0);
    });

    it('can be left in the middle of a read', async () => {
      await adopt(ID, LONG, 3);
      const opened = await store.open(ID);
      if (!opened.ok) throw opened.error;
      const pieces = opened.value.read(bytes(0), bytes(200_000))[Symbol.asyncIterator]();
      expect((await pieces.next()).done).toBe(false);
      await pieces.return?.(undefined);
      expect(await contentOf(store.open(ID), 0, 2)).toEqual(LONG.slice(0, 2));
    });

    it('lists every object and head with its size', async () => {
      for (let number = 0; number < 5; number += 1) {
        await adopt(fileId(`${number}0`.repeat(32)), LONG.slice(0, 10 + number), number);
      }
      const objects = ['object 0000 10', 'object 1010 11', 'object 2020 12', 'object 3030 13', 'object 4040 14'];
      const heads = ['head 0000 0', 'head 1010 1', 'head 2020 2', 'head 3030 3', 'head 4040 4'];
      expect(await listed(store)).toEqual([...heads, ...objects]);
    });

    it('puts a head right, removes one thing, and twice is harmless', async () => {
      await adopt(ID, Uint8Array.of(1, 2, 3), 2);
      await store.putHead(ID, Uint8Array.of(9));
      expect(await listed(store)).toEqual(['head abab 1', 'object abab 3']);
      await store.remove('head', ID);
      await store.remove('head', ID);
      expect(await listed(store)).toEqual(['object abab 3']);
      expect(await store.openHead(ID)).toMatchObject({ ok: false, error: { code: 'content.not-found' } });
    });

    it('sweeps what nobody wants, and scratch files', async () => {
      await adopt(ID, Uint8Array.of(1), 1);
      await adopt(OTHER, Uint8Array.of(2), 1);
      await place.scratch(Uint8Array.of(3));
      await store.sweep(async (id) => id === ID);
      expect(await listed(store)).toEqual(['head abab 1', 'object abab 1']);
      expect(await place.scratchCount()).toBe(0);
    });

    it('knows no name but a file id', async () => {
      for (const text of NAMES_THAT_ARE_NONE) {
        const id = text as FileId;
        expect(await store.open(id)).toMatchObject({ ok: false, error: { code: 'content.not-found' } });
        expect(await store.openHead(id)).toMatchObject({ ok: false, error: { code: 'content.not-found' } });
        await expect(store.putHead(id, new Uint8Array(1))).rejects.toMatchObject({ code: 'content.not-found' });
        await expect(store.remove('object', id)).rejects.toMatchObject({ code: 'content.not-found' });
        const scratch = await place.scratch(Uint8Array.of(1));
        await expect(store.adopt(scratch, id, bytes(1))).rejects.toMatchObject({ code: 'content.not-found' });
      }
      expect(await listed(store)).toEqual([]);
    });

    it('keeps pictures, however often they are brought, under keys and nothing else', async () => {
      const key = '1'.repeat(32);
      const picture = Uint8Array.of(1, 2, 3);
      await Promise.all([store.putPicture(key, picture), store.putPicture(key, picture)]);
      await store.putPicture(key, picture);
      expect([...((await (await place.open()).picture(key)) ?? [])]).toEqual([1, 2, 3]);
      expect(await store.picture('2'.repeat(32))).toBeNull();
      for (const text of NAMES_THAT_ARE_NONE) {
        await expect(store.picture(text)).rejects.toMatchObject({ code: 'content.not-found' });
        await expect(store.putPicture(text, picture)).rejects.toMatchObject({ code: 'content.not-found' });
      }
    });
  });
}
