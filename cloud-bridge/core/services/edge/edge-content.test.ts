import { describe, expect, it } from 'vitest';
import type { Origin, OriginAnswer } from '#bridge/core/ports/origin';
import type { MemorySlice, SliceMemory } from '#bridge/core/ports/slice-memory';
import { TonearmError } from '#protocol/vocabulary/errors';
import { fileId } from '#protocol/vocabulary/ids';
import { ok, refused } from '#protocol/vocabulary/result';
import { bytes } from '#protocol/vocabulary/units';
import { createMemorySliceStore, createSliceDisk } from '#sim/edge/memory-slice-store';
import { EdgeContent } from './edge-content.ts';
import { EdgeCounts } from './edge-counts.ts';
import { EdgeHeads } from './edge-heads.ts';

const FILE = fileId('e'.repeat(64));
const SLICE = bytes(100);
const OBJECT = Uint8Array.from({ length: 250 }, (_, at) => at);

function createMapMemory(): SliceMemory & { readonly slices: Map<string, MemorySlice> } {
  const slices = new Map<string, MemorySlice>();
  const sizeBytes = () => [...slices.values()].reduce((sum, slice) => sum + slice.data.length, 0);
  return { slices, get: (key) => slices.get(key), set: (key, slice) => void slices.set(key, slice), sizeBytes };
}

function bench() {
  const asked: string[] = [];
  const world: { answer: OriginAnswer | null; isAway: boolean } = { answer: null, isAway: false };
  const origin: Origin = {
    ask: async (question, authorization) => {
      asked.push(question.kind === 'head' ? 'head' : `${question.from}-${question.to} ${authorization}`);
      if (world.isAway) return refused(new TonearmError('fetch.unreachable', 'away'));
      if (world.answer !== null) return ok(world.answer);
      if (question.kind === 'head') return ok({ status: 200, contentRange: undefined, body: OBJECT.slice(0, 150) });
      const { from, to } = question;
      if (from >= OBJECT.length) return ok({ status: 416, contentRange: 'bytes */250', body: new Uint8Array(0) });
      const body = OBJECT.slice(from, to + 1);
      return ok({ status: 206, contentRange: `bytes ${from}-${from + body.length - 1}/250`, body });
    },
  };
  const disk = createSliceDisk();
  const counts = new EdgeCounts();
  const open = () => {
    const memory = createMapMemory();
    const ports = { memory, store: createMemorySliceStore(disk, SLICE, 4), origin, counts };
    return { memory, content: new EdgeContent(ports), heads: new EdgeHeads(ports) };
  };
  return { ...open(), open, asked, world, disk, counts };
}

const landed = () => new Promise((resolve) => setImmediate(resolve));

describe("an edge's content", () => {
  it('learns how long an object is from the first slice, near where it is asked for', async () => {
    const { content, asked } = bench();
    expect(content.knownSize(FILE)).toBeNull();
    expect(await content.size(FILE, 2, 't')).toEqual(ok(250));
    expect([content.knownSize(FILE), asked]).toEqual([250, ['200-299 t']]);
  });

  it('learns it from a refusal, too', async () => {
    const { content, asked } = bench();
    expect(await content.size(FILE, 9, 't')).toEqual(ok(250));
    expect([asked, content.isHere(FILE, 9)]).toEqual([['900-999 t'], false]);
  });

  it('has a slice from memory, then from disk, and from the origin once', async () => {
    const { content, open, asked, counts } = bench();
    await content.size(FILE, 0, 't');
    for (let again = 0; again < 3; again += 1) {
      const slice = await content.slice(FILE, 1, 't');
      expect(slice.ok && [...slice.value]).toEqual([...OBJECT.slice(100, 200)]);
    }
    const restarted = open().content;
    expect(restarted.knownSize(FILE)).toBe(250);
    expect(await restarted.slice(FILE, 1, 't')).toEqual(ok(OBJECT.slice(100, 200)));
    expect(asked).toEqual(['0-99 t', '100-199 t']);
    expect([counts.memorySlices, counts.diskSlices, counts.originSlices]).toEqual([2, 1, 2]);
  });

  it('goes on with what it has when the origin is away', async () => {
    const { content, world } = bench();
    await content.size(FILE, 0, 't');
    world.isAway = true;
    expect((await content.slice(FILE, 0, 't')).ok).toBe(true);
    const missing = await content.slice(FILE, 1, 't');
    expect(missing.ok ? '' : missing.error.code).toBe('fetch.unreachable');
    world.isAway = false;
    expect((await content.slice(FILE, 1, 't')).ok).toBe(true);
  });

  it('keeps nothing of an answer that was not asked for', async () => {
    const { content, world, disk, memory, counts } = bench();
    world.answer = { status: 200, contentRange: undefined, body: new Uint8Array(100) };
    expect((await content.size(FILE, 0, 't')).ok).toBe(false);
    expect([disk.slices.size, memory.slices.size, counts.originFailures]).toEqual([0, 0, 1]);
  });

  it('reads one slice ahead of who reads on, once, and not past the end', async () => {
    const { content, asked } = bench();
    await content.size(FILE, 0, 't');
    content.follow(FILE, 0, 't');
    content.follow(FILE, 0, 't');
    await landed();
    expect(asked).toEqual(['0-99 t', '100-199 t']);
    expect(content.isHere(FILE, 1)).toBe(true);
    await content.slice(FILE, 2, 't');
    content.follow(FILE, 2, 't');
    await landed();
    expect(asked.length).toBe(3);
  });
});

describe("an edge's heads", () => {
  it('are fetched once, kept in parts, and whole again after a restart', async () => {
    const { heads, open, asked, disk, counts } = bench();
    expect(await heads.head(FILE, 't')).toEqual(ok(OBJECT.slice(0, 150)));
    await landed();
    expect([...disk.slices.values()].map((slice) => slice.data.length)).toEqual([100, 50]);
    const restarted = open().heads;
    for (let again = 0; again < 2; again += 1)
      expect(await restarted.head(FILE, 't')).toEqual(ok(OBJECT.slice(0, 150)));
    expect([asked, counts.hits, counts.misses]).toEqual([['head'], 2, 1]);
    disk.slices.delete(`${FILE}/1`);
    expect(await open().heads.head(FILE, 't')).toEqual(ok(OBJECT.slice(0, 150)));
    expect(asked).toEqual(['head', 'head']);
  });
});
