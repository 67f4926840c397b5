/**
 * Sealed files, their heads and pictures in a folder, each under its hash: `objects/ab/cdef…`, `heads/ab/cdef…`,
 * `pictures/ab/cdef…`. A file appears under its name by one rename, after its bytes are on the disk; so whatever is
 * there is whole. A head is renamed in before its object: an object that is known always has one.
 */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobStore, StoredItem } from '#bridge/core/ports/blob-store';
import type { StoredObject } from '#bridge/core/ports/content';
import { checkedFileId, checkedPictureKey } from '#bridge/core/ports/stored-name';
import { syncFolder } from '#protocol/adapters/write-whole';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type FileId, fileId, ID_PATTERNS } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Bytes, bytes } from '#protocol/vocabulary/units';
import { storageError, systemCodeOf } from './storage-error.ts';

/** Bytes in a piece of a read: small enough to share the disk, large enough to keep a speaker's request to a few. */
const READ_PIECE_BYTES = 64 * 1024;

export interface FileBlobStoreOptions {
  /** Where the folders `objects`, `heads`, `pictures` and `scratch` are. */
  readonly dataDir: string;
}

export class FileBlobStore implements BlobStore {
  readonly #folders: { readonly object: string; readonly head: string };
  readonly #pictures: string;
  readonly #scratch: string;

  constructor(options: FileBlobStoreOptions) {
    this.#folders = { object: join(options.dataDir, 'objects'), head: join(options.dataDir, 'heads') };
    this.#pictures = join(options.dataDir, 'pictures');
    this.#scratch = scratchFolder(options.dataDir);
  }

  async adopt(scratchPath: string, id: FileId, headBytes: Bytes): Promise<void> {
    const path = pathBelow(this.#folders.object, checkedFileId(id));
    try {
      await this.putHead(id, await readStart(scratchPath, headBytes));
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await rename(scratchPath, path);
      await syncFolder(dirname(path));
    } catch (cause) {
      // Nobody else knows of it, and what was no room for it is room for the next.
      await rm(scratchPath, { force: true }).catch(() => undefined);
      throw storageError(cause, 'keep a file in the store');
    }
  }

  async discard(scratchPath: string): Promise<void> {
    await rm(scratchPath, { force: true });
  }

  open(id: FileId): Promise<Result<StoredObject, TonearmError>> {
    return this.#open('object', id);
  }

  openHead(id: FileId): Promise<Result<StoredObject, TonearmError>> {
    return this.#open('head', id);
  }

  async *list(): AsyncGenerator<StoredItem> {
    for (const kind of ['object', 'head'] as const) {
      for await (const { path, id } of filesBelow(this.#folders[kind])) {
        if (id === null) continue;
        const found = await stat(path).catch(() => null);
        if (found !== null) yield { kind, fileId: id, sizeBytes: bytes(found.size) };
      }
    }
  }

  async putHead(id: FileId, head: Uint8Array): Promise<void> {
    const path = pathBelow(this.#folders.head, checkedFileId(id));
    const scratch = join(this.#scratch, `head-${id}`);
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(scratch, head, { flush: true, mode: 0o600 });
      await rename(scratch, path);
      await syncFolder(dirname(path));
    } catch (cause) {
      await rm(scratch, { force: true }).catch(() => undefined);
      throw storageError(cause, 'keep a head in the store');
    }
  }

  async remove(kind: StoredItem['kind'], id: FileId): Promise<void> {
    try {
      await rm(pathBelow(this.#folders[kind], checkedFileId(id)), { force: true });
    } catch (cause) {
      throw storageError(cause, 'remove a file from the store');
    }
  }

  async sweep(isWanted: (id: FileId) => Promise<boolean>): Promise<void> {
    try {
      await rm(this.#scratch, { recursive: true, force: true });
      await mkdir(this.#scratch, { recursive: true, mode: 0o700 });
      for (const folder of [this.#folders.object, this.#folders.head]) {
        for await (const { path, id } of filesBelow(folder)) {
          if (id === null || !(await isWanted(id))) await rm(path, { force: true });
        }
      }
    } catch (cause) {
      throw storageError(cause, 'clear the store of what a killed ingest left');
    }
  }

  async putPicture(key: string, picture: Uint8Array): Promise<void> {
    const path = pathBelow(this.#pictures, checkedPictureKey(key));
    // Every track of an album brings the same picture.
    if ((await stat(path).catch(() => null)) !== null) return;
    const scratch = join(this.#scratch, `picture-${key}`);
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(scratch, picture, { flag: 'wx', flush: true, mode: 0o600 });
    } catch (error) {
      // Two tracks of one album bring the same picture at the same time: the first brings it.
      if (systemCodeOf(error) === 'EEXIST') return;
      await rm(scratch, { force: true }).catch(() => undefined);
      throw storageError(error, 'keep a picture in the store');
    }
    await rename(scratch, path);
  }

  async picture(key: string): Promise<Uint8Array | null> {
    const path = pathBelow(this.#pictures, checkedPictureKey(key));
    try {
      return await readFile(path);
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return null;
      throw storageError(error, 'read a stored picture');
    }
  }

  async #open(kind: StoredItem['kind'], id: FileId): Promise<Result<StoredObject, TonearmError>> {
    try {
      const path = pathBelow(this.#folders[kind], checkedFileId(id));
      const handle = await open(path, constants.O_RDONLY);
      try {
        const size = bytes((await handle.stat()).size);
        return ok({ sizeBytes: size, read: (offset, length) => readPieces(path, offset, length) });
      } finally {
        await handle.close();
      }
    } catch (cause) {
      if (systemCodeOf(cause) === 'ENOENT') return refused(new TonearmError('content.not-found', 'no such file'));
      return refused(storageError(cause, 'read a stored file'));
    }
  }
}

/** Where files are that are not facts yet; emptied at every start. */
export function scratchFolder(dataDir: string): string {
  return join(dataDir, 'scratch');
}

/** Two characters of the hash make the folder: 256 folders hold a million files with 4,000 each. */
function pathBelow(folder: string, hash: string): string {
  return join(folder, hash.slice(0, 2), hash.slice(2));
}

/** Files two folders down; `id` is null for what is no file of ours. A folder that is not there holds none. */
async function* filesBelow(folder: string): AsyncGenerator<{ readonly path: string; readonly id: FileId | null }> {
  for (const group of await namesIn(folder)) {
    for (const name of await namesIn(join(folder, group))) {
      const id = `${group}${name}`;
      yield { path: join(folder, group, name), id: ID_PATTERNS.sha256.test(id) ? fileId(id) : null };
    }
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return [];
    throw error;
  }
}

async function readStart(path: string, length: Bytes): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readPieces(path, bytes(0), length)) pieces.push(piece);
  return Buffer.concat(pieces);
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
  } catch (cause) {
    throw storageError(cause, 'read a stored file');
  } finally {
    await handle?.close();
  }
}
