import { describe, expect, it } from 'vitest';
import { createMemoryChunkStore } from '#device/adapters/memory-chunk-store/memory-chunk-store';
import { createNodeSegmentCipher } from '#device/adapters/node-segment-cipher/node-segment-cipher';
import { assert } from '#protocol/vocabulary/result';
import { bytes } from '#protocol/vocabulary/units';
import { rampTrack } from '#sim/speakers/ramp-track';
import { createArchiveDisk, createVirtualChunkArchive } from '#sim/speakers/virtual-chunk-archive';
import { QUALITY_DEFAULT } from '../manifest/choose-file.ts';
import { planTrack } from '../manifest/track-plan.ts';
import { createSegmentShelf } from './segment-shelf.ts';

const track = rampTrack(1, 10 * 48_000);
const planned = planTrack(track.manifest, QUALITY_DEFAULT);
assert(planned.ok, 'a ramp can be planned');
const plan = planned.value.best;
const [first, second] = track.segments as [Uint8Array, Uint8Array];

async function shelves() {
  const disk = createArchiveDisk();
  const cipher = createNodeSegmentCipher();
  const shelf = async (memoryBytes = 1_000_000) => {
    const archive = createVirtualChunkArchive(disk);
    await archive.ready();
    return createSegmentShelf({ store: createMemoryChunkStore(bytes(memoryBytes)), cipher, archive });
  };
  const before = await shelf();
  before.keep(plan, 0, first);
  before.keep(plan, 1, second);
  return { shelf, damage: () => disk.files.get(plan.file.fileId)?.get(0)?.fill(0, 5, 6) };
}

describe('memory over an archive', () => {
  it('opens at once what is in memory, and what is archived when it was recalled', async () => {
    const { shelf } = await shelves();
    const after = await shelf();
    expect([after.isHeld(plan, 0), after.isArchived(plan, 0), after.isArchived(plan, 2)]).toEqual([false, true, false]);
    expect(after.open(plan, 0).kind).toBe('missing');
    expect([await after.recall(plan, 0), await after.recall(plan, 2)]).toEqual(['held', 'gone']);
    const opened = after.open(plan, 0);
    assert(opened.kind === 'opened', 'what was recalled opens');
    expect([...opened.plain]).toEqual([...(track.plainSegments[0] ?? [])]);
  });

  it('throws away what was changed on the disk, and takes it anew', async () => {
    const { shelf, damage } = await shelves();
    damage();
    const after = await shelf();
    expect(await after.recall(plan, 0)).toBe('gone');
    expect([after.isHeld(plan, 0), after.isArchived(plan, 0), after.isArchived(plan, 1)]).toEqual([false, false, true]);
    after.keep(plan, 0, first);
    expect(await (await shelf()).recall(plan, 0)).toBe('held');
  });

  it('says when memory has no room, and archives nothing that does not open', async () => {
    const { shelf } = await shelves();
    const small = await shelf(10);
    expect(await small.recall(plan, 0)).toBe('noRoom');
    expect(small.keep(plan, 2, first).ok).toBe(false);
    expect(small.isArchived(plan, 2)).toBe(false);
  });
});
