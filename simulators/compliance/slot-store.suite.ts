/** What every place for versions must do, over a factory: a record that outlives a restart, and a version that is one or is none. */
import { describe, expect, it } from 'vitest';
import type { OtaRecord, SlotStore } from '#device/core/ports/slot-store';
import { withBad } from '#device/core/update/ota-text';
import type { SlotVersion } from '#protocol/wire/update';

export interface SlotStoreUnderTest {
  readonly store: SlotStore;
  /** Another over what this one has written, as after a restart. */
  reopened(): SlotStore;
  close(): Promise<void>;
}

const hash = (digit: string): string => digit.repeat(64);
const record: OtaRecord = {
  ...{ good: 'a', pending: 'b', tries: 3, candidate: hash('c'), outcome: 'trying' },
  bad: [hash('d'), hash('e')],
};
const version: SlotVersion = { format: 1, version: '0.2.0', seq: 2, arch: 'x64', sizeBytes: 6, sha256: hash('f') };
const release = { sha256: version.sha256, sizeBytes: version.sizeBytes };

export function slotStoreSuite(name: string, create: () => Promise<SlotStoreUnderTest>): void {
  describe(`${name} as a store of slots`, () => {
    const using = async (body: (under: SlotStoreUnderTest) => Promise<void>) => {
      const under = await create();
      try {
        await body(under);
      } finally {
        await under.close();
      }
    };

    it('begins with nothing, running what the package brings', () =>
      using(async ({ store }) => {
        expect(await store.readRecord()).toBeNull();
        expect(await store.readTrust()).toBeNull();
        expect((await store.running()).slot).toBe('factory');
        expect(await store.freeBytes()).toBeGreaterThan(0);
      }));

    it('has after a restart what was written last', () =>
      using(async ({ store, reopened }) => {
        await store.writeRecord(withBad(record, hash('1')));
        await store.writeRecord(record);
        await store.writeTrust('one');
        await store.writeTrust('two');
        expect(await reopened().readRecord()).toEqual(record);
        expect(await reopened().readTrust()).toBe('two');
      }));

    it('goes on with what was written of a release, and with nothing of another', () =>
      using(async ({ store, reopened }) => {
        const file = await store.openCandidate('b', release);
        await file.write(0, Uint8Array.of(1, 2, 3));
        await file.flush();
        await file.close();
        const again = await reopened().openCandidate('b', release);
        expect([...(await again.read(0, 6))].slice(0, 3)).toEqual([1, 2, 3]);
        await again.close();
        const other = await reopened().openCandidate('b', { ...release, sha256: hash('2') });
        expect([...(await other.read(0, 6))].filter((each) => each !== 0)).toEqual([]);
        await other.close();
      }));

    it('gives a placed version back block for block, and lets it be fetched again', () =>
      using(async ({ store, reopened }) => {
        const file = await store.openCandidate('a', release);
        await file.write(3, Uint8Array.of(4, 5, 6));
        await file.write(0, Uint8Array.of(1, 2, 3));
        await file.flush();
        await file.place(version);
        await file.close();
        const again = await reopened().openCandidate('a', release);
        expect([...(await again.read(0, 100))]).toEqual([1, 2, 3, 4, 5, 6]);
        expect([...(await again.read(4, 1))]).toEqual([5]);
        expect([...(await again.read(6, 1))]).toEqual([]);
        await again.close();
      }));

    it('forgets what is discarded', () =>
      using(async ({ store, reopened }) => {
        const file = await store.openCandidate('a', release);
        await file.write(0, Uint8Array.of(1, 2, 3, 4, 5, 6));
        await file.flush();
        await file.place(version);
        await file.close();
        await store.discard('a');
        await store.discard('a');
        const again = await reopened().openCandidate('a', release);
        expect([...(await again.read(0, 6))].filter((each) => each !== 0)).toEqual([]);
        await again.close();
      }));
  });
}
