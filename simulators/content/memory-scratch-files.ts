/** Scratch files that are never on a disk: the port's twin for tests of what is written to them. */
import type { ScratchFile, ScratchFiles } from '#bridge/core/ports/scratch-files';

export class MemoryScratchFiles implements ScratchFiles {
  /** Files that were neither finished nor discarded. */
  readonly open = new Set<string>();
  readonly finished = new Map<string, Uint8Array>();
  #count = 0;

  create(): ScratchFile {
    this.#count += 1;
    const path = `scratch-${this.#count}`;
    let bytes: number[] = [];
    this.open.add(path);
    return {
      path,
      append: (more) => {
        for (const byte of more) bytes.push(byte);
      },
      read: (offset, length) => Uint8Array.from(bytes.slice(offset, offset + length)),
      finish: () => {
        this.open.delete(path);
        this.finished.set(path, Uint8Array.from(bytes));
      },
      discard: () => {
        this.open.delete(path);
        this.finished.delete(path);
        bytes = [];
      },
    };
  }
}
