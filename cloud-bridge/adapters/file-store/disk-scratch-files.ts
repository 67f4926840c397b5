/** Scratch files below the data folder, written with blocking calls: they are used in the threads that encode, which may wait. */
import { closeSync, fsyncSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ScratchFile, ScratchFiles } from '#bridge/core/ports/scratch-files';
import { TonearmError } from '#protocol/vocabulary/errors';
import { storageError } from './storage-error.ts';

export class DiskScratchFiles implements ScratchFiles {
  readonly #folder: string;
  readonly #name: () => string;

  /** @param newName a name that no other thread makes */
  constructor(folder: string, newName: () => string) {
    this.#folder = folder;
    this.#name = newName;
  }

  create(): ScratchFile {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      return new DiskScratchFile(join(this.#folder, this.#name()));
    } catch (cause) {
      throw storageError(cause, 'write to the data folder');
    }
  }
}

class DiskScratchFile implements ScratchFile {
  readonly path: string;
  #descriptor: number | null;

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, 'wx+', 0o600);
  }

  append(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#opened(), bytes, done, bytes.length - done, null);
      }
    } catch (cause) {
      throw storageError(cause, 'write to the data folder');
    }
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const read = readSync(this.#opened(), bytes, done, length - done, offset + done);
      if (read === 0) throw new TonearmError('storage.failed', 'a scratch file is shorter than what was written');
      done += read;
    }
    return bytes;
  }

  finish(): void {
    try {
      fsyncSync(this.#opened());
    } catch (cause) {
      throw storageError(cause, 'write to the data folder');
    } finally {
      this.#close();
    }
  }

  discard(): void {
    this.#close();
    rmSync(this.path, { force: true });
  }

  #opened(): number {
    if (this.#descriptor === null) throw new Error('the scratch file is closed');
    return this.#descriptor;
  }

  #close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}
