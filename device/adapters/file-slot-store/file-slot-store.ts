/**
 * Slots as folders of the speaker's state folder, beside a record that `slot-select` reads before each start
 * (`firmware-scripts/ota/README.md`). A version is written as `tonearm.part`, and becomes one in two steps: its
 * description first, then its name; what has only one of them is none.
 */
import { mkdir, open, readFile, readlink, rename, rm, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BlockReader, CandidateFile, OtaRecord, SlotName, SlotStore } from '#device/core/ports/slot-store';
import { otaText, parseOta } from '#device/core/update/ota-text';
import { renameSynced, syncFolder, writeWhole } from '#protocol/adapters/write-whole';
import { TonearmError } from '#protocol/vocabulary/errors';
import { parseValue } from '#protocol/wire/schema';
import { BLOCK_BYTES, type SlotVersion, slotVersionSchema } from '#protocol/wire/update';

const RECORD = 'ota.json';
const TRUST = 'trust.json';
const PROGRAM = 'tonearm';
const PART = 'tonearm.part';
const PART_NOTE = 'tonearm.part.json';
const VERSION = 'version.json';
const MODE = 0o755;
/** A record, what is trusted: each a few kilobytes. */
const TEXT_BYTES_MAX = 256 * 1024;

export interface SlotPlace {
  /** `firmware` in the state folder. */
  readonly folder: string;
  /** Where the package's own version lies. */
  readonly factory: string;
}

export function createFileSlotStore(place: SlotPlace): SlotStore {
  return new FileSlotStore(place);
}

class FileSlotStore implements SlotStore {
  readonly #place: SlotPlace;

  constructor(place: SlotPlace) {
    this.#place = place;
  }

  async running(): ReturnType<SlotStore['running']> {
    const slot = await this.#runningSlot();
    return { slot, version: await readVersion(this.#folderOf(slot)) };
  }

  async readRecord(): Promise<OtaRecord | null> {
    for (const name of [RECORD, `${RECORD}.backup`]) {
      const text = await readShort(join(this.#place.folder, name));
      const record = text === null ? null : parseOta(text);
      if (record !== null) return record;
    }
    return null;
  }

  writeRecord(record: OtaRecord): Promise<void> {
    return saying('the record of versions', async () => {
      await mkdir(this.#place.folder, { recursive: true, mode: 0o700 });
      const path = join(this.#place.folder, RECORD);
      await writeWhole(path, otaText(record));
      await writeWhole(`${path}.backup`, otaText(record));
    });
  }

  readTrust(): Promise<string | null> {
    return readShort(join(this.#place.folder, TRUST));
  }

  writeTrust(text: string): Promise<void> {
    return saying('what is trusted', async () => {
      await mkdir(this.#place.folder, { recursive: true, mode: 0o700 });
      await writeWhole(join(this.#place.folder, TRUST), text);
    });
  }

  async freeBytes(): Promise<number> {
    return saying('the disk of the slots', async () => {
      await mkdir(this.#place.folder, { recursive: true, mode: 0o700 });
      const { bavail, bsize } = await statfs(this.#place.folder);
      return bavail * bsize;
    });
  }

  async openRunning(): Promise<BlockReader | null> {
    const path = join(this.#folderOf(await this.#runningSlot()), PROGRAM);
    const file = await open(path, 'r').catch(() => null);
    return file === null ? null : readerOf(file);
  }

  openCandidate(slot: SlotName, release: { sha256: string; sizeBytes: number }): Promise<CandidateFile> {
    return saying(`slot ${slot}`, async () => {
      const folder = this.#folderOf(slot);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (!(await this.#takeUp(folder, release.sha256))) await this.#beginAnew(folder, release.sha256);
      const part = join(folder, PART);
      // Not truncated: what is there already is gone on with.
      const file = await open(part, 'r+');
      return this.#candidate(file, folder, release.sizeBytes);
    });
  }

  discard(slot: SlotName): Promise<void> {
    return saying(`slot ${slot}`, async () => {
      const folder = this.#folderOf(slot);
      for (const name of [PROGRAM, VERSION, PART, PART_NOTE]) await rm(join(folder, name), { force: true });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await syncFolder(folder);
    });
  }

  /** @returns whether what lies there is of this release; a version that was whole already is taken apart again */
  async #takeUp(folder: string, sha256: string): Promise<boolean> {
    if ((await readShort(join(folder, PART_NOTE))) === sha256) return await exists(join(folder, PART));
    if ((await readVersion(folder))?.sha256 !== sha256) return false;
    await writeWhole(join(folder, PART_NOTE), sha256);
    return rename(join(folder, PROGRAM), join(folder, PART)).then(
      () => true,
      () => false,
    );
  }

  /** What was a version here ends to be one before anything of the next is written. */
  async #beginAnew(folder: string, sha256: string): Promise<void> {
    for (const name of [VERSION, PROGRAM, PART_NOTE, PART]) await rm(join(folder, name), { force: true });
    await syncFolder(folder);
    await (await open(join(folder, PART), 'w', MODE)).close();
    await writeWhole(join(folder, PART_NOTE), sha256);
  }

  #candidate(file: Handle, folder: string, sizeBytes: number): CandidateFile {
    const part = join(folder, PART);
    return {
      ...readerOf(file),
      write: (offset, data) =>
        saying(part, async () => {
          for (let at = 0; at < data.length; ) {
            const { bytesWritten } = await file.write(data, at, data.length - at, offset + at);
            at += bytesWritten;
          }
        }),
      flush: () =>
        saying(part, async () => {
          await file.truncate(sizeBytes);
          await file.chmod(MODE);
          await file.sync();
        }),
      place: (version) =>
        saying(folder, async () => {
          await writeWhole(join(folder, VERSION), versionText(version));
          await renameSynced(part, join(folder, PROGRAM));
          await rm(join(folder, PART_NOTE), { force: true });
        }),
    };
  }

  async #runningSlot(): Promise<SlotName | 'factory'> {
    const target = await readlink(join(this.#place.folder, 'current')).catch(() => '');
    const name = basename(target);
    return name === 'a' || name === 'b' ? name : 'factory';
  }

  #folderOf(slot: SlotName | 'factory'): string {
    return slot === 'factory' ? this.#place.factory : join(this.#place.folder, 'slots', slot);
  }
}

/** `version.json`, one field a line, since a shell script reads it. */
export function versionText(version: SlotVersion): string {
  const { format, version: name, seq, arch, sizeBytes, sha256 } = version;
  return `${JSON.stringify({ format, version: name, seq, arch, sizeBytes, sha256 }, null, 2)}\n`;
}

/** @returns null where there is none, or none that can be read */
export async function readVersion(folder: string): Promise<SlotVersion | null> {
  const text = await readShort(join(folder, VERSION));
  if (text === null) return null;
  try {
    const parsed = parseValue(slotVersionSchema, JSON.parse(text), VERSION);
    return parsed.ok ? parsed.value : null;
  } catch {
    return null;
  }
}

type Handle = Awaited<ReturnType<typeof open>>;

function readerOf(file: Handle): BlockReader {
  // Thousands of blocks are looked at in a row: a buffer for each would double the speaker's memory until it is cleared up.
  let room = new Uint8Array(BLOCK_BYTES);
  return {
    read: async (offset, length) => {
      if (room.length < length) room = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await file.read(room, filled, length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return room.subarray(0, filled);
    },
    close: () => file.close(),
  };
}

async function readShort(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null || text.length > TEXT_BYTES_MAX ? null : text;
}

async function exists(path: string): Promise<boolean> {
  return open(path, 'r').then(
    async (file) => {
      await file.close();
      return true;
    },
    () => false,
  );
}

/** A disk that refuses says so by a code of ours. */
async function saying<Value>(what: string, perform: () => Promise<Value>): Promise<Value> {
  try {
    return await perform();
  } catch (cause) {
    if (cause instanceof TonearmError) throw cause;
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    const isFull = why === 'ENOSPC' || why === 'EDQUOT';
    throw new TonearmError(isFull ? 'storage.full' : 'storage.failed', `${what}: ${why}`, { cause });
  }
}
