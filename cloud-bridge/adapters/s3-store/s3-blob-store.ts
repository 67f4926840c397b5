/**
 * Sealed files, their heads and pictures in an S3 bucket, under the same names as in a folder (`PREFIX/objects/ab/cdef…`),
 * so that a folder can be copied into a bucket as it is. An object appears under its name when its upload is complete, so
 * whatever is there is whole. Picked up by URL and environment; the scratch folder stays on this machine.
 */
import { constants } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import type { BlobStore, StoredItem } from '#bridge/core/ports/blob-store';
import type { StoredObject } from '#bridge/core/ports/content';
import { checkedFileId, checkedPictureKey } from '#bridge/core/ports/stored-name';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import { type FileId, fileId, ID_PATTERNS } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Bytes, bytes } from '#protocol/vocabulary/units';
import { parseListPage } from './s3-answers.ts';
import { S3Client, type S3ClientOptions, type S3ClientPorts, S3Failure, unreachable } from './s3-client.ts';
import { abandonUploads, uploadInParts } from './upload-in-parts.ts';

/** Larger objects go up in parts of this size, so that one part is all that is held in memory; S3 asks for at least 5 MiB. */
const PART_BYTES = 8 * 1024 * 1024;
/** Pages of 1,000 keys: ten million objects and heads. */
const PAGES_MAX = 10_000;
/** Answers to one read that are cut in the middle, before the read is given up. */
const CUTS_MAX = 16;
const FOLDERS = { object: 'objects', head: 'heads' } as const;

export interface S3BlobStoreOptions extends S3ClientOptions {
  /** Before every key; empty, or ending in a slash. */
  readonly prefix: string;
  /** On this machine: where files are that are not facts yet; emptied at every start. */
  readonly scratchFolder: string;
  /** For tests of uploads in parts. */
  readonly partBytes?: number;
}

export class S3BlobStore implements BlobStore {
  readonly #client: S3Client;
  readonly #options: S3BlobStoreOptions;

  constructor(ports: S3ClientPorts, options: S3BlobStoreOptions) {
    this.#client = new S3Client(ports, options);
    this.#options = options;
  }

  async adopt(scratchPath: string, id: FileId, headBytes: Bytes): Promise<void> {
    const key = this.#key(FOLDERS.object, checkedFileId(id));
    const file = await open(scratchPath, constants.O_RDONLY).catch((cause: unknown) => {
      throw new TonearmError('storage.failed', `a scratch file cannot be read: ${String(cause)}`, { cause });
    });
    try {
      const { size } = await file.stat();
      const read = async (from: number, to: number): Promise<Uint8Array> => {
        const part = new Uint8Array(to - from);
        const { bytesRead } = await file.read(part, 0, part.length, from);
        if (bytesRead < part.length) throw new TonearmError('storage.failed', 'a scratch file is shorter than it was');
        return part;
      };
      await this.putHead(id, await read(0, headBytes));
      const partBytes = this.#options.partBytes ?? PART_BYTES;
      if (size <= partBytes) await this.#client.ask({ method: 'PUT', key, body: await read(0, size) });
      else await uploadInParts(this.#client, key, { sizeBytes: size, partBytes, read });
    } finally {
      await file.close();
      await rm(scratchPath, { force: true });
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
      const folder = this.#key(FOLDERS[kind], '');
      for await (const { key, sizeBytes } of this.#listKeys(folder)) {
        const id = key.slice(folder.length).replace('/', '');
        if (ID_PATTERNS.sha256.test(id)) yield { kind, fileId: fileId(id), sizeBytes: bytes(sizeBytes) };
      }
    }
  }

  async putHead(id: FileId, head: Uint8Array): Promise<void> {
    await this.#client.ask({ method: 'PUT', key: this.#key(FOLDERS.head, checkedFileId(id)), body: head });
  }

  async remove(kind: StoredItem['kind'], id: FileId): Promise<void> {
    await this.#removeKey(this.#key(FOLDERS[kind], checkedFileId(id)));
  }

  async sweep(isWanted: (id: FileId) => Promise<boolean>): Promise<void> {
    await rm(this.#options.scratchFolder, { recursive: true, force: true });
    await mkdir(this.#options.scratchFolder, { recursive: true, mode: 0o700 });
    await abandonUploads(this.#client, this.#key(FOLDERS.object, ''));
    for await (const { kind, fileId: id } of this.list()) {
      if (!(await isWanted(id))) await this.remove(kind, id);
    }
  }

  async putPicture(key: string, picture: Uint8Array): Promise<void> {
    await this.#client.ask({ method: 'PUT', key: this.#key('pictures', checkedPictureKey(key)), body: picture });
  }

  async picture(key: string): Promise<Uint8Array | null> {
    try {
      const answer = await this.#client.ask({ method: 'GET', key: this.#key('pictures', checkedPictureKey(key)) });
      return answer.body;
    } catch (error) {
      if (toTonearmError(error).context['status'] === 404) return null;
      throw error;
    }
  }

  /** Ends idle connections. */
  close(): void {
    this.#client.close();
  }

  async #open(kind: StoredItem['kind'], id: FileId): Promise<Result<StoredObject, TonearmError>> {
    try {
      const key = this.#key(FOLDERS[kind], checkedFileId(id));
      const { headers } = await this.#client.ask({ method: 'HEAD', key });
      const size = Number(headers['content-length'] ?? Number.NaN);
      if (!Number.isSafeInteger(size)) throw new TonearmError('storage.failed', 'the S3 store does not say how long');
      return ok({ sizeBytes: bytes(size), read: (offset, length) => this.#read(key, offset, length) });
    } catch (error) {
      return refused(toTonearmError(error, 'storage.failed'));
    }
  }

  /** What was cut in the middle is asked for again from where it was cut. */
  async *#read(key: string, offset: Bytes, length: Bytes): AsyncGenerator<Uint8Array> {
    let cuts = 0;
    for (let done = 0; done < length; ) {
      const from = offset + done;
      const last = offset + length - 1;
      // The first piece comes with the answer, so that a server which cuts every answer at once is given up in the end.
      const { pieces, first } = await this.#client.persist(async () => {
        const opened = this.#rangeOf(key, from, last);
        const { value, done: isOver } = await opened.next();
        if (isOver === true) throw unreachable(new Error('its answer was empty'));
        return { pieces: opened, first: value };
      });
      done += first.length;
      yield first;
      try {
        for await (const piece of pieces) {
          done += piece.length;
          yield piece;
        }
      } catch (thrown) {
        if (!(thrown instanceof S3Failure)) throw thrown;
        cuts += 1;
        if (cuts > CUTS_MAX) throw thrown.error;
      } finally {
        await pieces.return(undefined);
      }
    }
  }

  async *#rangeOf(key: string, first: number, last: number): AsyncGenerator<Uint8Array, undefined> {
    const answer = await this.#client.send({ method: 'GET', key, headers: { range: `bytes=${first}-${last}` } });
    try {
      const range = answer.headers['content-range'] ?? '';
      if (answer.statusCode !== 206 || !range.startsWith(`bytes ${first}-${last}/`)) {
        throw new TonearmError('storage.failed', 'the S3 store answered another range than was asked for');
      }
      yield* answer as AsyncIterable<Uint8Array>;
    } catch (cause) {
      throw cause instanceof TonearmError ? cause : unreachable(cause);
    } finally {
      answer.destroy();
    }
    return undefined;
  }

  async *#listKeys(prefix: string): AsyncGenerator<{ readonly key: string; readonly sizeBytes: number }> {
    let token: string | null = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const query: Record<string, string> = { 'list-type': '2', prefix };
      if (token !== null) query['continuation-token'] = token;
      const answer = await this.#client.ask({ method: 'GET', key: '', query });
      const { keys, next } = parseListPage(new TextDecoder().decode(answer.body));
      yield* keys;
      if (next === null) return;
      token = next;
    }
    throw new TonearmError('storage.failed', 'the S3 store lists without end');
  }

  async #removeKey(key: string): Promise<void> {
    try {
      await this.#client.ask({ method: 'DELETE', key });
    } catch (error) {
      if (toTonearmError(error).code !== 'content.not-found') throw error;
    }
  }

  #key(folder: string, hash: string): string {
    const name = hash === '' ? '' : `${hash.slice(0, 2)}/${hash.slice(2)}`;
    return `${this.#options.prefix}${folder}/${name}`;
  }
}
