/**
 * The twin of a disk with slots on it: what was not flushed is torn by `cutPower`, and `selectStart` decides as
 * `slot-select` does (a test runs both side by side). So a whole house of updates fits into virtual time.
 */
import type { BlockReader, CandidateFile, OtaRecord, SlotName, SlotStore } from '#device/core/ports/slot-store';
import { FIRST_RECORD, withBad } from '#device/core/update/ota-text';
import type { SlotVersion } from '#protocol/wire/update';
import { type MadeRelease, versionOf } from './release-maker.ts';

/** A version as it lies in a folder. */
export interface VirtualVersion {
  readonly version: SlotVersion;
  readonly content: Uint8Array;
}

interface Part {
  readonly sha256: string;
  readonly content: Uint8Array;
  /** Written since the last flush. */
  isDirty: boolean;
}

export interface VirtualSlotOptions {
  readonly factory: VirtualVersion;
  readonly freeBytes?: number;
}

export class VirtualSlotStore implements SlotStore {
  readonly #options: VirtualSlotOptions;
  readonly #slots = new Map<SlotName, VirtualVersion>();
  readonly #parts = new Map<SlotName, Part>();
  #record: OtaRecord | null = null;
  #trust: string | null = null;
  #running: SlotName | 'factory' = 'factory';
  /** Every call that changes something is one step. */
  #steps = 0;
  /** The step that does not happen any more, nor any after it; for good until `cutPower`. */
  cutAt = Number.POSITIVE_INFINITY;

  constructor(options: VirtualSlotOptions) {
    this.#options = options;
  }

  get steps(): number {
    return this.#steps;
  }

  get record(): OtaRecord | null {
    return this.#record;
  }

  async running(): ReturnType<SlotStore['running']> {
    return { slot: this.#running, version: this.versionIn(this.#running)?.version ?? null };
  }

  async readRecord(): Promise<OtaRecord | null> {
    return this.#record;
  }

  async writeRecord(record: OtaRecord): Promise<void> {
    this.#step();
    this.#record = record;
  }

  async readTrust(): Promise<string | null> {
    return this.#trust;
  }

  async writeTrust(text: string): Promise<void> {
    this.#step();
    this.#trust = text;
  }

  async freeBytes(): Promise<number> {
    return this.#options.freeBytes ?? 1_000_000_000;
  }

  async openRunning(): Promise<BlockReader | null> {
    const version = this.versionIn(this.#running);
    return version === null ? null : readerOf(() => version.content);
  }

  async openCandidate(slot: SlotName, release: { sha256: string; sizeBytes: number }): Promise<CandidateFile> {
    this.#step();
    const part = this.#takeUp(slot, release);
    return {
      ...readerOf(() => part.content),
      write: async (offset, data) => {
        this.#step();
        part.isDirty = true;
        part.content.set(data, offset);
      },
      flush: async () => {
        this.#step();
        part.isDirty = false;
      },
      place: async (version) => {
        this.#step();
        this.#parts.delete(slot);
        this.#slots.set(slot, { version, content: part.content });
      },
    };
  }

  async discard(slot: SlotName): Promise<void> {
    this.#step();
    this.#slots.delete(slot);
    this.#parts.delete(slot);
  }

  versionIn(slot: SlotName | 'factory'): VirtualVersion | null {
    return slot === 'factory' ? this.#options.factory : (this.#slots.get(slot) ?? null);
  }

  /** As if it had come to be so. */
  lay(record: OtaRecord, slots: Partial<Record<SlotName, MadeRelease>>): void {
    this.#record = record;
    this.#slots.clear();
    for (const [slot, made] of Object.entries(slots)) {
      this.#slots.set(slot as SlotName, { version: versionOf(made), content: made.content });
    }
  }

  /** What was written and not flushed is half there; what was to come never comes. */
  cutPower(): void {
    this.cutAt = Number.POSITIVE_INFINITY;
    for (const part of this.#parts.values()) if (part.isDirty) part.content.fill(0xff, part.content.length >> 1);
  }

  /** What `slot-select` does before a start. @returns the version that starts */
  selectStart(): VirtualVersion {
    let record = this.#record ?? FIRST_RECORD;
    const { pending } = record;
    this.#running = 'factory';
    if (pending !== 'none' && this.#isFactoryNewer(pending)) {
      record = { ...record, good: 'factory', pending: 'none', tries: 0, outcome: 'none' };
    } else if (pending !== 'none' && record.tries > 0 && this.#slots.has(pending)) {
      this.#record = { ...record, tries: record.tries - 1 };
      return this.startAs(pending);
    } else if (pending !== 'none') {
      record = { ...withBad(record, record.candidate), pending: 'none', tries: 0, outcome: 'rolled-back' };
    }
    const { good } = record;
    if (good !== 'factory' && (!this.#slots.has(good) || this.#isFactoryNewer(good)))
      record = { ...record, good: 'factory' };
    if (this.#record !== null) this.#record = record;
    return this.startAs(record.good);
  }

  /** Without a decision. */
  startAs(slot: SlotName | 'factory'): VirtualVersion {
    const version = this.versionIn(slot);
    if (version === null) throw new Error(`a start found nothing in ${slot}`);
    this.#running = slot;
    return version;
  }

  #isFactoryNewer(slot: SlotName | 'factory'): boolean {
    const own = this.versionIn(slot)?.version.seq;
    return own !== undefined && this.#options.factory.version.seq > own;
  }

  #takeUp(slot: SlotName, { sha256, sizeBytes }: { sha256: string; sizeBytes: number }): Part {
    const there = this.#parts.get(slot);
    if (there?.sha256 === sha256) return there;
    const whole = this.#slots.get(slot);
    const isSame = whole?.version.sha256 === sha256;
    const content = isSame ? Uint8Array.from(whole.content) : new Uint8Array(sizeBytes);
    const part: Part = { sha256, content, isDirty: false };
    this.#slots.delete(slot);
    this.#parts.set(slot, part);
    return part;
  }

  #step(): void {
    this.#steps += 1;
    if (this.#steps >= this.cutAt) throw new Error('the power is gone');
  }
}

function readerOf(content: () => Uint8Array): BlockReader {
  return {
    read: async (offset, length) => content().slice(offset, offset + length),
    close: async () => {},
  };
}
