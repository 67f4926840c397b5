/** Finds music files below a folder. Names and sizes only: nothing is opened. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { Bytes } from '#protocol/vocabulary/units';

/** A folder that was there when it was looked for. */
export interface MusicFolder {
  /** Absolute, with links resolved, without a separator at its end. */
  readonly path: string;
  /** Which file system it is on: an empty folder on another one than before is a disk that was taken away, not an empty library. */
  readonly deviceNumber: number;
}

export interface SourceFile {
  readonly path: string;
  /** Below the folder, parts joined by `/` on every system. */
  readonly relativePath: string;
  readonly sizeBytes: Bytes;
  /** Milliseconds since 1970, whole; of the lyrics beside it, or of its folder's pictures, when those came later. */
  readonly modifiedMs: number;
}

export type ScanEvent =
  | { readonly kind: 'fileFound'; readonly file: SourceFile }
  /** Could not be looked into, or lies beyond a limit: what is known below it must be kept. `path` ends in a separator. */
  | { readonly kind: 'folderSkipped'; readonly path: string; readonly reason: string };

export interface FolderScanner {
  /** Refused with `ingest.folder-not-found`, naming the field `folder`. */
  find(folder: string): Promise<Result<MusicFolder, TonearmError>>;
  /** Every music file, folder by folder, names in natural order ("2" before "10"); each real folder once, whatever links point to it. */
  /** @param below only what is in this folder below it, parts joined by `/`; one that is gone has no files */
  scan(folder: MusicFolder, below?: string): AsyncIterable<ScanEvent>;
  /** Whether there still is a file of that path. */
  isThere(path: string): Promise<boolean>;
}
