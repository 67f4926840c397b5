/** Files that are not facts yet: written in a place that is swept at the next start, so that a kill leaves nothing behind. */
export interface ScratchFiles {
  create(): ScratchFile;
}

export interface ScratchFile {
  readonly path: string;
  append(bytes: Uint8Array): void;
  /** @returns exactly `length` bytes from `offset` */
  read(offset: number, length: number): Uint8Array;
  /** Puts all of it on the disk and closes. */
  finish(): void;
  /** Closes and removes it; harmless after `finish` (it removes) or twice. */
  discard(): void;
}
