/**
 * Sealed files and pictures in a folder, each under its hash: `objects/ab/cdef…`, `pictures/ab/cdef…`. A file appears
 * under its name by one rename, after its bytes are on the disk; so whatever is there is whole.
 */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobStore } from '#bridge/core/ports/blob-store';
import type { StoredObject } from '#bridge/core/ports/content';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type FileId, fileId, ID_PATTERNS } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Bytes, bytes } from '#protocol/vocabulary/units';

/** Bytes in a piece of a read: small enough to share the disk, large enough to keep a speaker's request to a few. */
const READ_PIECE_BYTES = 64 * 1024;

export interface FileBlobStoreOptions {
  /** Where the folders `objects`, `pictures` and `scratch` are. */
  readonly dataDir: string;
}

export class FileBlobStore implements BlobStore {
  readonly #objects: string;
  readonly #pictures: string;
  readonly #scratch: string;

  constructor(options: FileBlobStoreOptions) {
    this.#objects = join(options.dataDir, 'objects');
    this.#pictures = join(options.dataDir, 'pictures');
    this.#scratch = scratchFolder(options.dataDir);
  }

  async adopt(scratchPath: string, id: FileId): Promise<void> {
    const path = pathBelow(this.#objects, id);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rename(scratchPath, path);
    await syncFolder(dirname(path));
  }

  async open(id: FileId): Promise<Result<StoredObject, TonearmError>> {
    const path = pathBelow(this.#objects, id);
    try {
      const handle = await open(path, constants.O_RDONLY);
      try {
        const size = bytes((await handle.stat()).size);
        return ok({ sizeBytes: size, read: (offset, length) => readPieces(path, offset, length) });
      } finally {
        await handle.close();
      }
    } catch (cause) {
      if (hasCode(cause, 'ENOENT')) return refused(new TonearmError('content.not-found', 'no such file'));
      return refused(new TonearmError('storage.failed', `a stored file cannot be read: ${String(cause)}`, { cause }));
    }
  }

  async sweep(isWanted: (id: FileId) => boolean): Promise<void> {
    await rm(this.#scratch, { recursive: true, force: true });
    await mkdir(this.#scratch, { recursive: true, mode: 0o700 });
    await mkdir(this.#objects, { recursive: true, mode: 0o700 });
    for (const group of await readdir(this.#objects)) {
      for (const name of await readdir(join(this.#objects, group))) {
        const id = `${group}${name}`;
        if (ID_PATTERNS.sha256.test(id) && isWanted(fileId(id))) continue;
        await rm(join(this.#objects, group, name), { force: true });
      }
    }
  }

  async putPicture(key: string, picture: Uint8Array): Promise<void> {
    const path = pathBelow(this.#pictures, key);
    // Every track of an album brings the same picture.
    if ((await stat(path).catch(() => null)) !== null) return;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const scratch = join(this.#scratch, `picture-${key}`);
    try {
      await writeFile(scratch, picture, { flag: 'wx', flush: true, mode: 0o600 });
    } catch (error) {
      // Two tracks of one album bring the same picture at the same time: the first brings it.
      if (hasCode(error, 'EEXIST')) return;
      throw error;
    }
    await rename(scratch, path);
  }

  async picture(key: string): Promise<Uint8Array | null> {
    const path = pathBelow(this.#pictures, key);
    try {
      return await readFile(path);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return null;
      throw new TonearmError('storage.failed', 'a stored picture cannot be read', { cause: error });
    }
  }
}

/** Where files are that are not facts yet; emptied at every start. */
export function scratchFolder(dataDir: string): string {
  return join(dataDir, 'scratch');
}

/** Two characters of the hash make the folder: 256 folders hold a million files with 4,000 each. */
function pathBelow(folder: string, hash: string): string {
  if (!/^[0-9a-f]{8,64}$/.test(hash)) throw new TonearmError('content.not-found', 'not a stored name');
  return join(folder, hash.slice(0, 2), hash.slice(2));
}

async function* readPieces(path: string, offset: Bytes, length: Bytes): AsyncGenerator<Uint8Array> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(path, constants.O_RDONLY);
    for (let done = 0; done < length; ) {
      const piece = new Uint8Array(Math.min(READ_PIECE_BYTES, length - done));
      const { bytesRead } = await handle.read(piece, 0, piece.length, offset + done);
      if (bytesRead === 0) throw new TonearmError('storage.failed', 'a stored file is shorter than it was');
      done += bytesRead;
      yield bytesRead === piece.length ? piece : piece.subarray(0, bytesRead);
    }
  } finally {
    await handle?.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code;
}
