/**
 * Slices in slots of one size in one file, beside an index of 64 bytes a slot. Nothing is made or removed while it runs:
 * a slice that comes takes the slot of the one least recently used, so the disk is bounded to the byte and never
 * fragmented, and a start reads one small file. Bytes are written before their record and each slice has a checksum:
 * what a crash or a bad disk leaves behind is not served but fetched again.
 */

import type { FileHandle } from 'node:fs/promises';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { SliceStore, SliceStoreUsage } from '#bridge/core/ports/slice-store';
import type { Logger } from '#protocol/ports/logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import type { Bytes } from '#protocol/vocabulary/units';
import { decodeSlotRecord, encodeSlotRecord, RECORD_BYTES, type SlotRecord } from './slot-record.ts';

/** Uses are written down this often: a crash forgets who was used last for this long, and nothing else. */
const USES_WRITTEN_EVERY_MS = 30_000;
/** Writes under way; more are not begun, since a disk that is behind does not catch up by having more to do. */
const WRITES_MAX = 64;

export interface SlotStoreOptions {
  readonly folder: string;
  /** Of the two files: `NAME.slots` and `NAME.index`. */
  readonly name: string;
  readonly sliceBytes: Bytes;
  /** What the slots may take together; at least one slot. */
  readonly limitBytes: Bytes;
}

interface Slot {
  readonly number: number;
  record: SlotRecord;
  readers: number;
}

/** @throws TonearmError `config.invalid` when the folder cannot be made or written */
export async function openSlotSliceStore(options: SlotStoreOptions, logger: Logger): Promise<SliceStore> {
  const slots = Math.max(1, Math.floor(options.limitBytes / (options.sliceBytes + RECORD_BYTES)));
  try {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const data = await openOrMake(join(options.folder, `${options.name}.slots`));
    const index = await openOrMake(join(options.folder, `${options.name}.index`));
    // A smaller limit than last time gives back what is beyond it.
    if ((await data.stat()).size > slots * options.sliceBytes) await data.truncate(slots * options.sliceBytes);
    await index.truncate(slots * RECORD_BYTES);
    const records = Buffer.alloc(slots * RECORD_BYTES);
    await index.read(records, 0, records.length, 0);
    return new SlotSliceStore(options.sliceBytes, { data, index, records }, logger);
  } catch (cause) {
    throw new TonearmError('config.invalid', `the cache folder ${options.folder} cannot be used: ${String(cause)}`, {
      field: 'cache',
      cause,
    });
  }
}

interface SlotFiles {
  readonly data: FileHandle;
  readonly index: FileHandle;
  /** The whole index as it is to be on disk. */
  readonly records: Buffer;
}

class SlotSliceStore implements SliceStore {
  readonly sliceBytes: Bytes;
  readonly #files: SlotFiles;
  readonly #logger: Logger;
  /** By key, least recently used first. */
  readonly #slots = new Map<string, Slot>();
  /** Lengths of objects by file, with how many of their slices are here. */
  readonly #objects = new Map<string, { readonly size: Bytes; slices: number }>();
  readonly #free: number[] = [];
  readonly #writing = new Map<string, Promise<boolean>>();
  readonly #flushTimer: NodeJS.Timeout;
  #slotsMax: number;
  #lastUse = 0;
  #evicted = 0;
  #corrupt = 0;
  #unwritten = 0;
  #isUseUnwritten = false;
  #isClosed = false;

  constructor(sliceBytes: Bytes, files: SlotFiles, logger: Logger) {
    this.sliceBytes = sliceBytes;
    this.#files = files;
    this.#logger = logger;
    this.#slotsMax = files.records.length / RECORD_BYTES;
    this.#readRecords();
    this.#flushTimer = setInterval(() => void this.#writeUses(), USES_WRITTEN_EVERY_MS);
    this.#flushTimer.unref();
  }

  has(fileId: FileId, index: number): boolean {
    return this.#slots.has(keyOf(fileId, index));
  }

  objectBytes(fileId: FileId): Bytes | null {
    return this.#objects.get(fileId)?.size ?? null;
  }

  touch(fileId: FileId, index: number): void {
    const key = keyOf(fileId, index);
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.#slots.delete(key);
    this.#slots.set(key, slot);
    this.#lastUse += 1;
    slot.record = { ...slot.record, lastUse: this.#lastUse };
    this.#isUseUnwritten = true;
  }

  async read(fileId: FileId, index: number): Promise<Uint8Array | null> {
    const slot = this.#slots.get(keyOf(fileId, index));
    if (slot === undefined || this.#isClosed) return null;
    this.touch(fileId, index);
    const { length, crc } = slot.record;
    const data = Buffer.allocUnsafeSlow(length);
    slot.readers += 1;
    try {
      const { bytesRead } = await this.#files.data.read(data, 0, length, slot.number * this.sliceBytes);
      if (bytesRead === length && crc32(data) === crc) return data;
      this.#corrupt += 1;
      this.#logger.warn('edge.slice-corrupt', { fileId, index });
    } catch (cause) {
      this.#corrupt += 1;
      this.#logger.warn('edge.slice-unreadable', { fileId, index, reason: String(cause) });
    } finally {
      slot.readers -= 1;
    }
    this.#drop(slot);
    return null;
  }

  write(fileId: FileId, index: number, objectBytes: Bytes, slice: Uint8Array): Promise<boolean> {
    const key = keyOf(fileId, index);
    const writing = this.#writing.get(key);
    if (writing !== undefined) return writing;
    if (this.#slots.has(key)) return Promise.resolve(true);
    const isTooMuch = this.#isClosed || this.#writing.size >= WRITES_MAX;
    const isOdd = slice.length === 0 || slice.length > this.sliceBytes;
    if (isTooMuch || isOdd) {
      this.#unwritten += 1;
      return Promise.resolve(false);
    }
    const write = this.#write({ fileId, index, objectBytes }, slice).finally(() => this.#writing.delete(key));
    this.#writing.set(key, write);
    return write;
  }

  usage(): SliceStoreUsage {
    return {
      slices: this.#slots.size,
      slicesMax: this.#slotsMax,
      evicted: this.#evicted,
      corrupt: this.#corrupt,
      unwritten: this.#unwritten,
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#flushTimer);
    await Promise.all(this.#writing.values());
    await this.#writeUses();
    await this.#files.data.close();
    await this.#files.index.close();
  }

  async #write(what: Pick<SlotRecord, 'fileId' | 'index' | 'objectBytes'>, slice: Uint8Array): Promise<boolean> {
    const number = this.#takeSlot();
    if (number === null) {
      this.#unwritten += 1;
      return false;
    }
    try {
      await this.#files.data.write(slice, 0, slice.length, number * this.sliceBytes);
      this.#lastUse += 1;
      const record = { ...what, length: slice.length, crc: crc32(slice), lastUse: this.#lastUse };
      this.#keep({ number, record, readers: 0 });
      encodeSlotRecord(record, this.#files.records, number * RECORD_BYTES);
      await this.#files.index.write(this.#files.records, number * RECORD_BYTES, RECORD_BYTES, number * RECORD_BYTES);
      return true;
    } catch (cause) {
      this.#unwritten += 1;
      return this.#couldNotWrite(number, what, cause);
    }
  }

  /** A full disk is no failure: the slots that there are have their room already, and it goes on with those. */
  #couldNotWrite(number: number, what: Pick<SlotRecord, 'fileId' | 'index'>, cause: unknown): boolean {
    const isFull = cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
    const kept = this.#slots.get(keyOf(what.fileId, what.index));
    if (kept?.number === number) this.#forget(kept);
    if (isFull && this.#slots.size > 0) {
      this.#slotsMax = this.#slots.size;
      this.#free.length = 0;
    } else {
      this.#free.push(number);
    }
    this.#logger.warn('edge.slice-unwritten', { reason: String(cause), slicesMax: this.#slotsMax });
    return false;
  }

  /** A free slot, or that of the least recently used which nobody reads. */
  #takeSlot(): number | null {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    for (const slot of this.#slots.values()) {
      if (slot.readers > 0) continue;
      this.#forget(slot);
      this.#evicted += 1;
      return slot.number;
    }
    return null;
  }

  #keep(slot: Slot): void {
    const { fileId, index, objectBytes } = slot.record;
    this.#slots.set(keyOf(fileId, index), slot);
    const object = this.#objects.get(fileId);
    if (object === undefined) this.#objects.set(fileId, { size: objectBytes, slices: 1 });
    else object.slices += 1;
  }

  #forget(slot: Slot): void {
    const { fileId, index } = slot.record;
    this.#slots.delete(keyOf(fileId, index));
    const object = this.#objects.get(fileId);
    if (object === undefined) return;
    object.slices -= 1;
    if (object.slices === 0) this.#objects.delete(fileId);
  }

  /** Two readers of a damaged slice drop it once. */
  #drop(slot: Slot): void {
    if (this.#slots.get(keyOf(slot.record.fileId, slot.record.index)) !== slot) return;
    this.#forget(slot);
    this.#files.records.fill(0, slot.number * RECORD_BYTES, (slot.number + 1) * RECORD_BYTES);
    this.#isUseUnwritten = true;
    this.#free.push(slot.number);
  }

  #readRecords(): void {
    const found: Slot[] = [];
    for (let number = 0; number < this.#slotsMax; number += 1) {
      const record = decodeSlotRecord(this.#files.records, number * RECORD_BYTES);
      if (record === null || record.length > this.sliceBytes) this.#free.push(number);
      else found.push({ number, record, readers: 0 });
    }
    // Low numbers first, so that the file grows only as far as it is needed.
    this.#free.reverse();
    found.sort((a, b) => a.record.lastUse - b.record.lastUse);
    for (const slot of found) {
      if (this.has(slot.record.fileId, slot.record.index)) this.#free.push(slot.number);
      else this.#keep(slot);
    }
    this.#lastUse = found.at(-1)?.record.lastUse ?? 0;
  }

  async #writeUses(): Promise<void> {
    if (!this.#isUseUnwritten) return;
    this.#isUseUnwritten = false;
    for (const slot of this.#slots.values()) {
      encodeSlotRecord(slot.record, this.#files.records, slot.number * RECORD_BYTES);
    }
    try {
      await this.#files.index.write(this.#files.records, 0, this.#files.records.length, 0);
    } catch (cause) {
      this.#logger.warn('edge.uses-unwritten', { reason: String(cause) });
    }
  }
}

/** Read and written in place, made when it is not there. */
async function openOrMake(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+', 0o600);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
    return open(path, 'w+', 0o600);
  }
}

function keyOf(fileId: FileId, index: number): string {
  return `${fileId}/${index}`;
}
