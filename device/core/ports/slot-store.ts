/**
 * Where versions lie, and what is known of them (`firmware-scripts/ota/README.md`). Each write is whole or not at all,
 * also through a power cut, and is on the disk when its promise resolves; a later one is never there without an earlier
 * one. All reject with `storage.*` where the disk does.
 */
import type { SlotVersion } from '#protocol/wire/update';

/** The two that updates write to in turn. */
export type SlotName = 'a' | 'b';

/** What `slot-select` goes by; it writes it too. */
export interface OtaRecord {
  readonly good: SlotName | 'factory';
  /** On trial, or to be at the next start. */
  readonly pending: SlotName | 'none';
  /** Starts that `pending` still has. */
  readonly tries: number;
  /** Hash of what is in `pending`, or was in it last; '' before the first. */
  readonly candidate: string;
  readonly outcome: 'none' | 'trying' | 'good' | 'rolled-back';
  /** Hashes of what has failed here, the newest last. */
  readonly bad: readonly string[];
}

export interface SlotStore {
  /** Which one runs; its version is null where nobody wrote it down. */
  running(): Promise<{ readonly slot: SlotName | 'factory'; readonly version: SlotVersion | null }>;
  /** The last that was written, or its backup where that one is torn; null when neither can be read. */
  readRecord(): Promise<OtaRecord | null>;
  writeRecord(record: OtaRecord): Promise<void>;
  /** What is trusted and remembered, as text; null when there is none. */
  readTrust(): Promise<string | null>;
  writeTrust(text: string): Promise<void>;
  /** On the disk of the slots. */
  freeBytes(): Promise<number>;
  /** The version that runs, for the blocks that the next one has too; null when it cannot be read. Closed by the caller. */
  openRunning(): Promise<BlockReader | null>;
  /** What of `sha256` is in the slot already, to go on with; of anything else: empty. Closed by the caller. */
  openCandidate(
    slot: SlotName,
    release: { readonly sha256: string; readonly sizeBytes: number },
  ): Promise<CandidateFile>;
  /** What was fetched into the slot, and is not wanted. */
  discard(slot: SlotName): Promise<void>;
}

export interface BlockReader {
  /** @returns fewer bytes at the end of the file, none after it; good until the next is read */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface CandidateFile extends BlockReader {
  /** Not on the disk before `flush`. */
  write(offset: number, data: Uint8Array): Promise<void>;
  /** On the disk, of exactly this length; what is read afterwards comes from there where the system lets us ask for that. */
  flush(): Promise<void>;
  /** It is a version from now on, and can be started. After `flush` alone. */
  place(version: SlotVersion): Promise<void>;
}
