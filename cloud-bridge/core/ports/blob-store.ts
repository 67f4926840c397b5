/** Where sealed files and pictures lie, by the hash of what is in them. What is in it never changes. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import type { StoredObject } from './content.ts';

export interface BlobStore {
  /** Moves a finished scratch file in, whole or not at all. What lay there before under this id (of an ingest that was killed) is replaced. */
  adopt(scratchPath: string, fileId: FileId): Promise<void>;
  /** Refused with `content.not-found`, or `storage.failed` when it is there and cannot be read. */
  open(fileId: FileId): Promise<Result<StoredObject, TonearmError>>;
  /** Removes what a killed ingest left, and objects that `isWanted` does not know. Called once, before ingest starts. */
  sweep(isWanted: (fileId: FileId) => boolean): Promise<void>;
  putPicture(key: string, bytes: Uint8Array): Promise<void>;
  /** Null when there is none of that key. */
  picture(key: string): Promise<Uint8Array | null>;
}
