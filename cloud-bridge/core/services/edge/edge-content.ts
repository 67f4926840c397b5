/**
 * The cache of an edge: slices in memory over slices on disk over the origin, each fetched once however many wait for it.
 * Content never changes under its name, so what is here is good for ever and is served when the origin is away.
 */
import type { Origin } from '#bridge/core/ports/origin';
import type { MemorySlice, SliceMemory } from '#bridge/core/ports/slice-memory';
import type { SliceStore } from '#bridge/core/ports/slice-store';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import { ok, type Result } from '#protocol/vocabulary/result';
import { type Bytes, bytes } from '#protocol/vocabulary/units';
import type { EdgeCounts } from './edge-counts.ts';
import { Flights } from './flights.ts';
import { type JudgedSlice, judgeSlice } from './judge-origin-answer.ts';
import { sliceCount } from './slice-plan.ts';

/** Every so many uses out of memory the disk is told: often enough to keep what is loved, rare enough to cost nothing. */
const USES_PER_TOUCH = 16;
/** Sizes of objects that are remembered, some 150 bytes each. */
const SIZES_MAX = 65_536;
/**
 * Slices fetched ahead of who reads on. Music is read in order: with the next slice here before it is asked for only the
 * first of a play is waited for. One more would be wasted on every skip.
 */
const AHEAD_SLICES = 1;

export interface EdgeContentPorts {
  readonly memory: SliceMemory;
  readonly store: SliceStore;
  readonly origin: Origin;
  readonly counts: EdgeCounts;
}

export class EdgeContent {
  readonly #ports: EdgeContentPorts;
  readonly #flights: Flights<JudgedSlice>;
  readonly #sizes = new Map<string, Bytes>();

  constructor(ports: EdgeContentPorts, flights: Flights<JudgedSlice> = new Flights()) {
    this.#ports = ports;
    this.#flights = flights;
  }

  get sliceBytes(): Bytes {
    return this.#ports.store.sliceBytes;
  }

  get origin(): { readonly running: number; readonly waiting: number } {
    return this.#flights;
  }

  /** Null while no slice of it has been seen. */
  knownSize(fileId: FileId): Bytes | null {
    return this.#sizes.get(fileId) ?? this.#learn(fileId, this.#ports.store.objectBytes(fileId));
  }

  /** How long the object is; asks the origin for slice `nearIndex` of it when nothing of it is here. */
  async size(fileId: FileId, nearIndex: number, authorization: string): Promise<Result<Bytes, TonearmError>> {
    const known = this.knownSize(fileId);
    if (known !== null) return ok(known);
    const fetched = await this.#fetch(fileId, nearIndex, authorization);
    return fetched.ok ? ok(fetched.value.objectBytes) : fetched;
  }

  /** A slice that is in memory; counts as a use. */
  peek(fileId: FileId, index: number): MemorySlice | undefined {
    const slice = this.#ports.memory.get(keyOf(fileId, index));
    if (slice === undefined) return undefined;
    slice.uses += 1;
    if (slice.uses % USES_PER_TOUCH === 0) this.#ports.store.touch(fileId, index);
    this.#ports.counts.memorySlices += 1;
    return slice;
  }

  /** Whether a request for it would not have to wait for the origin. */
  isHere(fileId: FileId, index: number): boolean {
    return this.#ports.memory.get(keyOf(fileId, index)) !== undefined || this.#ports.store.has(fileId, index);
  }

  /** A slice of an object whose size is known. */
  async slice(fileId: FileId, index: number, authorization: string): Promise<Result<Uint8Array, TonearmError>> {
    const held = this.peek(fileId, index) ?? (await this.#fromDisk(fileId, index));
    if (held !== undefined) return ok(held.data);
    const fetched = await this.#fetch(fileId, index, authorization);
    if (!fetched.ok) return fetched;
    return ok(fetched.value.kind === 'slice' ? fetched.value.data : new Uint8Array(0));
  }

  /** Sees to it that what follows slice `index` is here soon; told of every request, and does nothing when it is. */
  follow(fileId: FileId, index: number, authorization: string): void {
    const last = this.#ports.memory.get(keyOf(fileId, index));
    const size = this.#sizes.get(fileId);
    if (last?.isFollowed === true || size === undefined || !this.#flights.hasRoom) return;
    if (last !== undefined) last.isFollowed = true;
    const end = Math.min(index + AHEAD_SLICES, sliceCount(size, this.sliceBytes) - 1);
    for (let next = index + 1; next <= end; next += 1) {
      const isComing = this.isHere(fileId, next) || this.#flights.isFlying(keyOf(fileId, next));
      if (!isComing) void this.#fetch(fileId, next, authorization);
    }
  }

  async #fromDisk(fileId: FileId, index: number): Promise<MemorySlice | undefined> {
    const data = await this.#ports.store.read(fileId, index);
    if (data === null) return undefined;
    this.#ports.counts.diskSlices += 1;
    return this.#remember(fileId, index, data);
  }

  #fetch(fileId: FileId, index: number, authorization: string): Promise<Result<JudgedSlice, TonearmError>> {
    return this.#flights.join(keyOf(fileId, index), authorization, async () => {
      const { counts, origin, store } = this.#ports;
      // It may have landed between the look at the disk and this turn.
      const landed = this.#ports.memory.get(keyOf(fileId, index));
      const size = this.#sizes.get(fileId);
      if (landed !== undefined && size !== undefined)
        return ok({ kind: 'slice', data: landed.data, objectBytes: size });
      const from = index * this.sliceBytes;
      const asked = { from, to: from + this.sliceBytes - 1 };
      counts.originRequests += 1;
      const answer = await origin.ask({ kind: 'range', fileId, ...asked }, authorization);
      const judged = answer.ok ? judgeSlice(answer.value, asked) : answer;
      if (!judged.ok) {
        counts.originFailures += 1;
        return judged;
      }
      this.#learn(fileId, judged.value.objectBytes);
      if (judged.value.kind === 'slice') {
        const { data, objectBytes } = judged.value;
        counts.originSlices += 1;
        counts.originBytes += data.length;
        this.#remember(fileId, index, data);
        void store.write(fileId, index, objectBytes, data);
      }
      return judged;
    });
  }

  #remember(fileId: FileId, index: number, data: Uint8Array): MemorySlice {
    const slice: MemorySlice = { data, uses: 0, isFollowed: false };
    this.#ports.memory.set(keyOf(fileId, index), slice);
    return slice;
  }

  #learn(fileId: FileId, size: Bytes | null): Bytes | null {
    if (size === null) return null;
    if (this.#sizes.size >= SIZES_MAX && !this.#sizes.has(fileId)) {
      for (const oldest of this.#sizes.keys()) {
        this.#sizes.delete(oldest);
        break;
      }
    }
    this.#sizes.set(fileId, bytes(size));
    return size;
  }
}

function keyOf(fileId: FileId, index: number): string {
  return `${fileId}/${index}`;
}
