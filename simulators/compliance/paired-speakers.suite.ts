/** What every registry of paired speakers must keep to: the contract of `cloud-bridge/core/ports/paired-speakers.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PAIRED_PAGE_MAX, type PairedSpeaker, type PairedSpeakers } from '#bridge/core/ports/paired-speakers';
import { accountId, speakerId } from '#protocol/vocabulary/ids';

export interface PairedPlace {
  /** As the next process would open it, over the same place. The earlier one is closed or was killed. @param max of how many; default: the real limit */
  open(max?: number): Promise<PairedSpeakers>;
  stop(): Promise<void>;
}

const ANNA = accountId('account-anna');
const BERT = accountId('account-bert');
/** Of a registry that is filled: the real limit takes a while. */
const MAX = 5;

function paired(n: number): PairedSpeaker {
  return {
    id: speakerId(`speaker-${String(n).padStart(4, '0')}`),
    publicKey: new Uint8Array(32).fill(n),
    name: `Küche ${n}`,
    ownerId: ANNA,
    pairedAtMs: 1_700_000_000_000 + n,
  };
}

const allOf = async (store: PairedSpeakers) => (await store.page({ offset: 0, limit: PAIRED_PAGE_MAX })).items;

export function describePairedSpeakers(name: string, create: () => Promise<PairedPlace>): void {
  describe(`paired speakers: ${name}`, () => {
    let place: PairedPlace;
    beforeEach(async () => {
      place = await create();
    });
    afterEach(() => place.stop());

    it('begin with none', async () => {
      const store = await place.open();
      expect(await allOf(store)).toEqual([]);
      expect(await store.find(paired(1).id)).toBeNull();
    });

    it('are kept for the next process, by id', async () => {
      const store = await place.open();
      for (const n of [2, 1]) await store.add(paired(n));
      const next = await place.open();
      expect(await allOf(next)).toEqual([paired(1), paired(2)]);
      expect(await next.find(paired(2).id)).toEqual(paired(2));
    });

    it('are replaced by one of the same id', async () => {
      const store = await place.open();
      await store.add(paired(1));
      const anew = { ...paired(1), publicKey: new Uint8Array(32).fill(9), name: 'Bad', ownerId: BERT, pairedAtMs: 5 };
      await store.add(anew);
      expect(await allOf(store)).toEqual([anew]);
    });

    it('change in what is named and nothing else', async () => {
      const store = await place.open();
      await store.add(paired(1));
      await store.add(paired(2));
      expect(await store.change(paired(1).id, { name: 'Bad' })).toEqual({ ...paired(1), name: 'Bad' });
      expect(await store.change(paired(1).id, { ownerId: BERT })).toEqual({ ...paired(1), name: 'Bad', ownerId: BERT });
      expect(await store.change(paired(1).id, {})).toEqual({ ...paired(1), name: 'Bad', ownerId: BERT });
      expect(await store.change(paired(3).id, { name: 'Nobody' })).toBeNull();
      const kept = [{ ...paired(1), name: 'Bad', ownerId: BERT }, paired(2)];
      expect(await allOf(await place.open())).toEqual(kept);
    });

    it('are forgotten for good, once', async () => {
      const store = await place.open();
      await store.add(paired(1));
      expect(await store.forget(paired(1).id)).toBe(true);
      expect(await store.forget(paired(1).id)).toBe(false);
      expect(await allOf(await place.open())).toEqual([]);
    });

    it('are no more than there may be, unless it is one of them', async () => {
      const store = await place.open(MAX);
      for (let n = 1; n <= MAX; n += 1) await store.add(paired(n));
      await expect(store.add(paired(0))).rejects.toMatchObject({ code: 'storage.full' });
      await store.add({ ...paired(1), name: 'anew' });
      expect(await allOf(store)).toHaveLength(MAX);
      expect([await store.hasRoom(paired(1).id), await store.hasRoom(paired(0).id)]).toEqual([true, false]);
      expect(await store.hasRoom(null)).toBe(false);
      await store.forget(paired(1).id);
      expect([await store.hasRoom(paired(0).id), await store.hasRoom(null)]).toEqual([true, true]);
      await store.add(paired(0));
    });

    it('come page by page, each with how many there are', async () => {
      const store = await place.open();
      for (const n of [3, 1, 2]) await store.add(paired(n));
      expect(await store.page({ offset: 0, limit: 2 })).toEqual({ items: [paired(1), paired(2)], total: 3 });
      expect(await store.page({ offset: 2, limit: 2 })).toEqual({ items: [paired(3)], total: 3 });
      expect(await store.page({ offset: 3, limit: 2 })).toEqual({ items: [], total: 3 });
    });
  });
}
