/**
 * An update on a real disk that loses its power at every single write, fsync and rename, with the real scripts deciding
 * what starts afterwards: always the old version or the new one, and the update comes through once the power stays.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createFileSlotStore } from '#device/adapters/file-slot-store/file-slot-store';
import type { OtaRecord, SlotStore } from '#device/core/ports/slot-store';
import { fetchCandidate } from '#device/core/update/fetch-candidate';
import { FIRST_RECORD, freeSlot, settledRecord } from '#device/core/update/ota-text';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok } from '#protocol/vocabulary/result';
import type { FaultyDisk } from '#sim/files/faulty-disk';
import { hashing, type MadeRelease, ReleaseMaker } from '#sim/updates/release-maker';
import { programOf, SlotFolder } from '#sim/updates/slot-folder';

const disk = vi.hoisted((): { current: FaultyDisk | null } => ({ current: null }));

vi.mock('node:fs/promises', async (original) => {
  const { createFaultyFiles } = await import('#sim/files/faulty-disk');
  return createFaultyFiles(await original<typeof import('node:fs/promises')>(), () => disk.current);
});

const { FaultyDisk: Disk } = await import('#sim/files/faulty-disk');

const maker = new ReleaseMaker();
const old = programOf(maker, 1);
const fresh = programOf(maker, 2);
/** More than there are in one update. */
const OPERATIONS_MAX = 200;

let slots: SlotFolder;
afterEach(() => {
  disk.current = null;
  slots.remove();
});

/** Fetches it, and has it tried at the next start, as the agent does. */
async function update(store: SlotStore, made: MadeRelease): Promise<void> {
  const { slot } = await store.running();
  const record = settledRecord((await store.readRecord()) ?? FIRST_RECORD, slot);
  const source = {
    blocks: async () => ok(made.blocksText),
    range: async (_: string, offset: number, length: number) => ok(made.content.slice(offset, offset + length)),
  };
  const pending = freeSlot(record);
  const fetched = await fetchCandidate({ slots: store, source, hashing, isOver: () => false }, pending, made.manifest);
  if (!fetched.ok) throw fetched.error;
  const candidate = made.manifest.artifact.sha256;
  await store.writeRecord({ ...record, pending, tries: 3, candidate, outcome: 'trying' });
}

function startAnew(): string {
  slots.select();
  return slots.start();
}

describe('an update on a disk that loses its power', () => {
  it('leaves the old or the new at every operation, and is gone on with', async () => {
    let operations = 0;
    for (let at = 1; at <= OPERATIONS_MAX; at += 1) {
      slots = new SlotFolder(old);
      const store = createFileSlotStore(slots);
      const faulty = new Disk({ kind: 'loses power', at });
      disk.current = faulty;
      const outcome = await update(store, fresh).catch((thrown: unknown) => thrown);
      disk.current = null;
      await faulty.loseWhatIsNotSynced();
      if (!faulty.hasStruck) break;
      operations = at;
      expect(outcome === undefined || outcome instanceof TonearmError).toBe(true);
      const first = startAnew();
      expect(['0.1.0', '0.2.0']).toContain(first);
      // Going on is the same from most of them, and a start takes its time.
      if (first === '0.1.0' && at % 4 === 0) {
        await update(createFileSlotStore(slots), fresh);
        expect([at, startAnew()]).toEqual([at, '0.2.0']);
      }
      slots.remove();
    }
    expect(operations).toBeGreaterThan(30);
    expect(operations).toBeLessThan(OPERATIONS_MAX);
  }, 120_000);

  it('never loses a record that was written, nor what is trusted', async () => {
    slots = new SlotFolder(old);
    const records = [1, 2].map((tries): OtaRecord => ({ ...FIRST_RECORD, pending: 'b', tries, outcome: 'trying' }));
    let isThrough = false;
    for (let at = 1; at <= OPERATIONS_MAX && !isThrough; at += 1) {
      const faulty = new Disk({ kind: 'loses power', at });
      disk.current = faulty;
      const store = createFileSlotStore(slots);
      let written = 0;
      try {
        for (const record of records) {
          await store.writeTrust(String(record.tries));
          await store.writeRecord(record);
          written += 1;
        }
      } catch {
        // The power is gone.
      }
      disk.current = null;
      await faulty.loseWhatIsNotSynced();
      isThrough = !faulty.hasStruck;
      const kept = createFileSlotStore(slots);
      const [record, trust] = [await kept.readRecord(), await kept.readTrust()];
      if (written > 0) expect(records.slice(written - 1)).toContainEqual(record);
      if (written > 0) expect(Number(trust)).toBeGreaterThanOrEqual(written);
    }
    expect(isThrough).toBe(true);
  });

  it('is refused by its name when the disk is full or fails', async () => {
    for (const [code, name] of [
      ['ENOSPC', 'storage.full'],
      ['EIO', 'storage.failed'],
    ] as const) {
      for (const at of [3, 12]) {
        slots = new SlotFolder(old);
        disk.current = new Disk({ kind: 'fails', code, at, isForGood: true });
        const outcome = await update(createFileSlotStore(slots), fresh).catch((thrown: unknown) => thrown);
        disk.current = null;
        expect([code, at, outcome instanceof TonearmError && outcome.code]).toEqual([code, at, name]);
        expect(startAnew()).toBe('0.1.0');
        slots.remove();
      }
    }
    slots = new SlotFolder(old);
  });
});
