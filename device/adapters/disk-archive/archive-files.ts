/**
 * The few things that archives do to a disk, so that a test can make any one of them fail.
 *
 * Asynchronous throughout: they live in the audio thread, and a slow card must not hold up the next block.
 */
import { mkdir, open, readdir, rename, rmdir, stat, unlink, utimes, writeFile } from 'node:fs/promises';

/** Sealed segments and what goes with them are the speaker's own. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Each rejects with the system's error. */
export interface ArchiveFiles {
  /** Names in a folder. */
  list(folder: string): Promise<readonly string[]>;
  look(path: string): Promise<{ readonly modifiedMs: number; readonly sizeBytes: number }>;
  /** One folder; there already is harmless. */
  makeFolder(path: string): Promise<void>;
  /** At most `lengthMax` bytes from the file's start. */
  read(path: string, lengthMax: number): Promise<Uint8Array>;
  /** A whole file, over what was there. */
  write(path: string, content: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** A file; not there is harmless. */
  remove(path: string): Promise<void>;
  /** An empty folder. */
  removeFolder(path: string): Promise<void>;
  setModified(path: string, atMs: number): Promise<void>;
}

export function createArchiveFiles(): ArchiveFiles {
  return {
    list: (folder) => readdir(folder),
    look: async (path) => {
      const { mtimeMs, size } = await stat(path);
      return { modifiedMs: mtimeMs, sizeBytes: size };
    },
    makeFolder: (path) => unless('EEXIST', mkdir(path, { mode: FOLDER_MODE })),
    read,
    write: (path, content) => writeFile(path, content, { mode: FILE_MODE }),
    rename,
    remove: (path) => unless('ENOENT', unlink(path)),
    removeFolder: rmdir,
    setModified: (path, atMs) => utimes(path, atMs / 1000, atMs / 1000),
  };
}

async function read(path: string, lengthMax: number): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const buffer = new Uint8Array(lengthMax);
    let filled = 0;
    while (filled < lengthMax) {
      const { bytesRead } = await handle.read(buffer, filled, lengthMax - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

async function unless(code: string, action: Promise<unknown>): Promise<void> {
  try {
    await action;
  } catch (cause) {
    if (codeOf(cause) !== code) throw cause;
  }
}

/** @returns the system's name for what went wrong, e.g. `ENOSPC`; the message where it has none */
export function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause ? String(cause.code) : cause.message;
}
