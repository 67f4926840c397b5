/**
 * The beginnings of everything, kept apart with a budget of their own: however much is listened to, a track that is
 * started begins at once. A head is small and comes whole; on disk it lies in small slices, all of them or none.
 */
import type { Origin } from '#bridge/core/ports/origin';
import type { SliceMemory } from '#bridge/core/ports/slice-memory';
import type { SliceStore } from '#bridge/core/ports/slice-store';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import { ok, type Result } from '#protocol/vocabulary/result';
import { bytes } from '#protocol/vocabulary/units';
import type { EdgeCounts } from './edge-counts.ts';
import { Flights } from './flights.ts';
import { judgeHead } from './judge-origin-answer.ts';
import { sliceCount } from './slice-plan.ts';

/** Three segments at 320 kbit/s have 150 kB; what is longer is no head. */
export const HEAD_BYTES_MAX = bytes(1024 * 1024);

export interface EdgeHeadsPorts {
  readonly memory: SliceMemory;
  readonly store: SliceStore;
  readonly origin: Origin;
  readonly counts: EdgeCounts;
}

export class EdgeHeads {
  readonly #ports: EdgeHeadsPorts;
  readonly #flights: Flights<Uint8Array>;

  constructor(ports: EdgeHeadsPorts, flights: Flights<Uint8Array> = new Flights()) {
    this.#ports = ports;
    this.#flights = flights;
  }

  async head(fileId: FileId, authorization: string): Promise<Result<Uint8Array, TonearmError>> {
    const { counts } = this.#ports;
    const held = this.#ports.memory.get(keyOf(fileId));
    const data = held?.data ?? (await this.#fromDisk(fileId));
    if (data === null) {
      counts.misses += 1;
      return this.#flights.join(keyOf(fileId), authorization, () => this.#fetch(fileId, authorization));
    }
    counts.hits += 1;
    if (held === undefined) counts.diskSlices += 1;
    else counts.memorySlices += 1;
    return ok(data);
  }

  async #fetch(fileId: FileId, authorization: string): Promise<Result<Uint8Array, TonearmError>> {
    const { counts, origin } = this.#ports;
    counts.originRequests += 1;
    const answer = await origin.ask({ kind: 'head', fileId, bytesMax: HEAD_BYTES_MAX }, authorization);
    const judged = answer.ok ? judgeHead(answer.value) : answer;
    if (!judged.ok) {
      counts.originFailures += 1;
      return judged;
    }
    counts.originSlices += 1;
    counts.originBytes += judged.value.length;
    this.#remember(fileId, judged.value);
    void this.#toDisk(fileId, judged.value);
    return judged;
  }

  async #fromDisk(fileId: FileId): Promise<Uint8Array | null> {
    const { store } = this.#ports;
    const size = store.objectBytes(fileId);
    if (size === null) return null;
    const head = new Uint8Array(size);
    for (let index = 0; index < sliceCount(size, store.sliceBytes); index += 1) {
      const slice = await store.read(fileId, index);
      if (slice === null) return null;
      head.set(slice, index * store.sliceBytes);
    }
    this.#remember(fileId, head);
    return head;
  }

  async #toDisk(fileId: FileId, head: Uint8Array): Promise<void> {
    const { store } = this.#ports;
    for (let offset = 0; offset < head.length; offset += store.sliceBytes) {
      const slice = head.subarray(offset, offset + store.sliceBytes);
      await store.write(fileId, offset / store.sliceBytes, bytes(head.length), slice);
    }
  }

  #remember(fileId: FileId, data: Uint8Array): void {
    this.#ports.memory.set(keyOf(fileId), { data, uses: 0, isFollowed: false });
  }
}

function keyOf(fileId: FileId): string {
  return `head/${fileId}`;
}
