import { describe, expect, it } from 'vitest';
import type { SlotStore } from '#device/core/ports/slot-store';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import { hashing, type MadeRelease, ReleaseMaker, versionOf } from '#sim/updates/release-maker';
import { VirtualSlotStore } from '#sim/updates/virtual-slot-store';
import { createVirtualUpdateSource, type Disturbance } from '#sim/updates/virtual-update-source';
import { fetchCandidate } from './fetch-candidate.ts';

const BLOCK = 65_536;
const maker = new ReleaseMaker();
const blocks = (...fills: number[]) =>
  Uint8Array.from({ length: fills.length * BLOCK }, (_, at) => fills[Math.floor(at / BLOCK)] ?? 0);
const running = maker.make(1, blocks(1, 2, 3));
const storeOf = (made: MadeRelease) =>
  new VirtualSlotStore({ factory: { version: versionOf(made), content: made.content } });
const codeOf = (outcome: Result<unknown, TonearmError>) => (outcome.ok ? 'ok' : outcome.error.code);

interface Change {
  readonly slots?: SlotStore;
  readonly isOver?: () => boolean;
  readonly disturb?: Disturbance;
  readonly blocksText?: string;
}

function fetch(
  store: VirtualSlotStore,
  made: MadeRelease,
  { slots = store, isOver = () => false, disturb, blocksText }: Change = {},
) {
  const source = createVirtualUpdateSource(() => ({ ...made, blocksText: blocksText ?? made.blocksText }), {
    ...(disturb && { disturb }),
  });
  return fetchCandidate({ slots, source, hashing, isOver }, 'b', made.manifest);
}

describe('a version is fetched', () => {
  it('from what runs, wherever it lies there and however often it is wanted, and only the rest from afar', async () => {
    const store = storeOf(running);
    const made = maker.make(2, blocks(3, 9, 1, 3, 3));
    const outcome = await fetch(store, made);
    expect(outcome).toEqual({ ok: true, value: { keptBytes: 0, copiedBytes: 4 * BLOCK, fetchedBytes: BLOCK } });
    expect(store.versionIn('b')?.content).toEqual(made.content);
    const again = await fetch(store, made);
    expect(again).toEqual({ ok: true, value: { keptBytes: 5 * BLOCK, copiedBytes: 0, fetchedBytes: 0 } });
  });

  it('whole where nothing is alike, the last block being what it is', async () => {
    const store = storeOf(running);
    const made = maker.make(2, blocks(7, 8).subarray(0, BLOCK + 5));
    expect(await fetch(store, made)).toEqual({
      ok: true,
      value: { keptBytes: 0, copiedBytes: 0, fetchedBytes: BLOCK + 5 },
    });
    expect(store.versionIn('b')?.content).toEqual(made.content);
  });

  it('not by a map that was not signed, or is of another length', async () => {
    const made = maker.make(2, blocks(7));
    const other = maker.make(2, blocks(8));
    expect(codeOf(await fetch(storeOf(running), made, { blocksText: other.blocksText }))).toBe('update.corrupt');
    const longer = { ...made.manifest.artifact, sizeBytes: 2 * BLOCK };
    const lying = { ...made, manifest: { ...made.manifest, artifact: longer } };
    expect(codeOf(await fetch(storeOf(running), lying))).toBe('update.corrupt');
  });

  it('and is no version when the disk gives back something else than was written', async () => {
    const store = storeOf(running);
    const slots: SlotStore = Object.create(store, {
      openCandidate: {
        value: async (...args: Parameters<SlotStore['openCandidate']>) => {
          const file = await store.openCandidate(...args);
          return {
            ...file,
            write: (at: number, data: Uint8Array) =>
              file.write(
                at,
                data.map((byte) => byte ^ 1),
              ),
          };
        },
      },
      openRunning: { value: () => store.openRunning() },
    });
    expect(codeOf(await fetch(store, maker.make(2, blocks(1, 9)), { slots }))).toBe('update.corrupt');
    expect(store.versionIn('b')).toBeNull();
  });

  it('no further when nobody waits for it any more, and on from there', async () => {
    const store = storeOf(running);
    const made = maker.make(2, blocks(...Array.from({ length: 40 }, (_, at) => 50 + at)));
    let asked = 0;
    const disturb: Disturbance = (_, __, right) => {
      asked += 1;
      return right;
    };
    expect(codeOf(await fetch(store, made, { disturb, isOver: () => asked >= 2 }))).toBe('fetch.cancelled');
    const outcome = await fetch(store, made);
    expect(outcome).toEqual({ ok: true, value: { keptBytes: 32 * BLOCK, copiedBytes: 0, fetchedBytes: 8 * BLOCK } });
  });
});
