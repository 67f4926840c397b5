/** A blob store that is two maps: the twin of the folder and of S3. Scratch files are read from a reader it is given. */
import type { BlobStore, StoredItem } from '#bridge/core/ports/blob-store';
import type { StoredObject } from '#bridge/core/ports/content';
import { checkedFileId, checkedPictureKey } from '#bridge/core/ports/stored-name';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Bytes, bytes } from '#protocol/vocabulary/units';

/** What outlives the process. */
export interface BlobDisk {
  readonly scratch: Map<string, Uint8Array>;
  readonly object: Map<FileId, Uint8Array>;
  readonly head: Map<FileId, Uint8Array>;
  readonly pictures: Map<string, Uint8Array>;
}

export function createBlobDisk(): BlobDisk {
  return { scratch: new Map(), object: new Map(), head: new Map(), pictures: new Map() };
}

export class VirtualBlobStore implements BlobStore {
  readonly #disk: BlobDisk;

  constructor(disk: BlobDisk) {
    this.#disk = disk;
  }

  async adopt(scratchPath: string, id: FileId, headBytes: Bytes): Promise<void> {
    const content = this.#disk.scratch.get(scratchPath);
    if (content === undefined) throw new TonearmError('storage.failed', 'no such scratch file');
    this.#disk.head.set(checkedFileId(id), content.slice(0, headBytes));
    this.#disk.object.set(id, content);
    this.#disk.scratch.delete(scratchPath);
  }

  async discard(scratchPath: string): Promise<void> {
    this.#disk.scratch.delete(scratchPath);
  }

  open(id: FileId): Promise<Result<StoredObject, TonearmError>> {
    return this.#open('object', id);
  }

  openHead(id: FileId): Promise<Result<StoredObject, TonearmError>> {
    return this.#open('head', id);
  }

  async *list(): AsyncGenerator<StoredItem> {
    for (const kind of ['object', 'head'] as const) {
      for (const [fileId, content] of this.#disk[kind]) yield { kind, fileId, sizeBytes: bytes(content.length) };
    }
  }

  async putHead(id: FileId, head: Uint8Array): Promise<void> {
    this.#disk.head.set(checkedFileId(id), head.slice());
  }

  async remove(kind: StoredItem['kind'], id: FileId): Promise<void> {
    this.#disk[kind].delete(checkedFileId(id));
  }

  async sweep(isWanted: (id: FileId) => Promise<boolean>): Promise<void> {
    this.#disk.scratch.clear();
    for (const kind of ['object', 'head'] as const) {
      for (const id of [...this.#disk[kind].keys()]) if (!(await isWanted(id))) this.#disk[kind].delete(id);
    }
  }

  async putPicture(key: string, picture: Uint8Array): Promise<void> {
    this.#disk.pictures.set(checkedPictureKey(key), picture.slice());
  }

  async picture(key: string): Promise<Uint8Array | null> {
    return this.#disk.pictures.get(checkedPictureKey(key)) ?? null;
  }

  async #open(kind: StoredItem['kind'], id: FileId): Promise<Result<StoredObject, TonearmError>> {
    try {
      const content = this.#disk[kind].get(checkedFileId(id));
      if (content === undefined) return refused(new TonearmError('content.not-found', 'no such file'));
      return ok({ sizeBytes: bytes(content.length), read: (offset, length) => readPieces(content, offset, length) });
    } catch (error) {
      if (error instanceof TonearmError) return refused(error);
      throw error;
    }
  }
}

async function* readPieces(content: Uint8Array, offset: Bytes, length: Bytes): AsyncGenerator<Uint8Array> {
  if (offset + length > content.length) throw new TonearmError('storage.failed', 'shorter than it was');
  if (length > 0) yield content.slice(offset, offset + length);
}
