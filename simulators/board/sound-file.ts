/** Waits for the first sound in a file that a speaker's sink writes; of what was read already, nothing is read again. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';

const POLL_EVERY_MS = 10;
/** Of the header that the file sink writes. */
const HEADER_BYTES_MAX = 128;
const READ_BYTES = 1024 * 1024;

export class SoundFile {
  readonly #path: string;
  /** Up to here it was silent, or nobody listened. */
  #offset: number;

  /** Listens from now on. */
  constructor(path: string) {
    this.#path = path;
    this.#offset = Math.max(HEADER_BYTES_MAX, statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  }

  /** @throws Error when nothing was heard in time */
  async isHeard(withinMs: number): Promise<void> {
    const lateAtMs = performance.now() + withinMs;
    while (!this.#hasSound()) {
      if (performance.now() > lateAtMs) throw new Error(`nothing was heard within ${withinMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
    }
  }

  #hasSound(): boolean {
    if ((statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0) <= this.#offset) return false;
    const file = openSync(this.#path, 'r');
    try {
      const bytes = Buffer.alloc(READ_BYTES);
      const length = readSync(file, bytes, 0, bytes.length, this.#offset);
      this.#offset += length;
      return bytes.subarray(0, length).some((byte) => byte !== 0);
    } finally {
      closeSync(file);
    }
  }
}
