/** The suite of the slice store on its twin in memory and on the slots that edges use; and what only slots can suffer. */
import { mkdtemp, open, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { RECORD_BYTES } from '#bridge/adapters/edge-cache/slot-record';
import { openSlotSliceStore } from '#bridge/adapters/edge-cache/slot-slice-store';
import type { SliceStore } from '#bridge/core/ports/slice-store';
import { silentLogger } from '#protocol/kit/silent-logger';
import { fileId } from '#protocol/vocabulary/ids';
import { bytes } from '#protocol/vocabulary/units';
import { createMemorySliceStore, createSliceDisk } from '#sim/edge/memory-slice-store';
import { describeSliceStore, SUITE_SLICE_BYTES, SUITE_SLICES_MAX } from './slice-store.suite.ts';

const FILE = fileId('d'.repeat(64));
const LIMIT = bytes(SUITE_SLICES_MAX * (SUITE_SLICE_BYTES + RECORD_BYTES));
const folders: string[] = [];

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-slots-'));
  folders.push(folder);
  return folder;
}

function openSlots(folder: string, limitBytes = LIMIT): Promise<SliceStore> {
  return openSlotSliceStore({ folder, name: 'files', sliceBytes: SUITE_SLICE_BYTES, limitBytes }, silentLogger);
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describeSliceStore('in memory', async () => {
  const disk = createSliceDisk();
  return {
    open: async () => createMemorySliceStore(disk, SUITE_SLICE_BYTES, SUITE_SLICES_MAX),
    stop: async () => disk.slices.clear(),
  };
});

describeSliceStore('slots', async () => {
  const folder = await temporaryFolder();
  let store: SliceStore | null = null;
  return {
    open: async () => {
      await store?.close();
      store = await openSlots(folder);
      return store;
    },
    stop: async () => store?.close(),
  };
});

describe('slots', () => {
  const slice = (value: number) => new Uint8Array(SUITE_SLICE_BYTES).fill(value);

  it('drop a slice whose bytes are others than were written, and keep its neighbours', async () => {
    const folder = await temporaryFolder();
    const store = await openSlots(folder);
    for (const index of [0, 1]) await store.write(FILE, index, bytes(9_000), slice(index));
    const file = await open(join(folder, 'files.slots'), 'r+');
    await file.write(Uint8Array.of(77), 0, 1, 500);
    await file.close();
    expect([await store.read(FILE, 0), store.has(FILE, 0), store.usage().corrupt]).toEqual([null, false, 1]);
    expect((await store.read(FILE, 1))?.[500]).toBe(1);
    expect(await store.write(FILE, 0, bytes(9_000), slice(0))).toBe(true);
    expect((await store.read(FILE, 0))?.[500]).toBe(0);
    await store.close();
  });

  it('open without what a crash tore in two: a damaged record, or bytes that never came', async () => {
    const folder = await temporaryFolder();
    const store = await openSlots(folder);
    for (const index of [0, 1, 2]) await store.write(FILE, index, bytes(9_000), slice(index));
    await store.close();
    const index = await open(join(folder, 'files.index'), 'r+');
    await index.write(Uint8Array.of(1, 2, 3), 0, 3, RECORD_BYTES + 30);
    await index.close();
    await truncate(join(folder, 'files.slots'), 2 * SUITE_SLICE_BYTES + 10);
    const again = await openSlots(folder);
    expect([0, 1, 2].map((number) => again.has(FILE, number))).toEqual([true, false, true]);
    expect([(await again.read(FILE, 0))?.[0], await again.read(FILE, 2)]).toEqual([0, null]);
    await again.close();
  });

  it('give back the room beyond a smaller limit', async () => {
    const folder = await temporaryFolder();
    const store = await openSlots(folder);
    for (let index = 0; index < SUITE_SLICES_MAX; index += 1)
      await store.write(FILE, index, bytes(9_000), slice(index));
    await store.close();
    const smaller = await openSlots(folder, bytes(LIMIT / 2));
    expect(smaller.usage()).toMatchObject({ slices: SUITE_SLICES_MAX / 2, slicesMax: SUITE_SLICES_MAX / 2 });
    expect((await stat(join(folder, 'files.slots'))).size).toBeLessThanOrEqual(LIMIT / 2);
    await smaller.close();
  });
});
