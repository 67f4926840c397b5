/** Which files the catalogue believes to be stored: one side of a check, the store's own listing being the other. */
import type { FileId, TrackId } from '#protocol/vocabulary/ids';
import type { EncodedFile } from './track-encoder.ts';

export interface IndexedFile {
  readonly file: EncodedFile;
  readonly trackId: TrackId;
  /** Null when no path gives the track any more. */
  readonly sourcePath: string | null;
}

export interface StoredFileIndex {
  count(): Promise<number>;
  /** The next after this id (null: the first), ascending, a hundred at most; empty at the end. */
  page(after: FileId | null): Promise<readonly IndexedFile[]>;
  has(fileId: FileId): Promise<boolean>;
  /** The file is to be encoded anew; a track that loses its last is `preparing` again. One transaction. */
  forget(fileId: FileId): Promise<void>;
}
