/**
 * Where sealed files, their heads and pictures lie, by the hash of what is in them. What is in it never changes.
 *
 * A head is the start of its object kept as an object of its own, so that the beginning of everything can be had, and
 * kept by an edge, without the rest. Names are checked here and not only at the doors: what is no file id or picture key
 * reaches no path. Calls that change something throw `storage.full` when there is no room, else `storage.failed`.
 */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import type { Bytes } from '#protocol/vocabulary/units';
import type { StoredObject } from './content.ts';

/** One thing in the store, as its listing knows it. */
export interface StoredItem {
  readonly kind: 'object' | 'head';
  readonly fileId: FileId;
  readonly sizeBytes: Bytes;
}

export interface BlobStore {
  /**
   * Moves a finished scratch file in, whole or not at all, and keeps its first `headBytes` apart as its head. What lay
   * there before under this id (of an ingest that was killed) is replaced. The head is there before its object is.
   */
  adopt(scratchPath: string, fileId: FileId, headBytes: Bytes): Promise<void>;
  /** Removes a scratch file that will not be adopted; harmless when it is gone. */
  discard(scratchPath: string): Promise<void>;
  /** Refused with `content.not-found`, or `storage.failed` when it is there and cannot be read. */
  open(fileId: FileId): Promise<Result<StoredObject, TonearmError>>;
  /** As `open`, for the head. */
  openHead(fileId: FileId): Promise<Result<StoredObject, TonearmError>>;
  /** Every object and head, in no order; what comes or goes meanwhile may or may not be among them. */
  list(): AsyncIterable<StoredItem>;
  /** Puts a head right. */
  putHead(fileId: FileId, head: Uint8Array): Promise<void>;
  /** Removes one object or head; harmless when it is not there. */
  remove(kind: StoredItem['kind'], fileId: FileId): Promise<void>;
  /** Removes what a killed ingest left, and objects and heads that `isWanted` does not know. Called once, before ingest starts. */
  sweep(isWanted: (fileId: FileId) => Promise<boolean>): Promise<void>;
  /** @param key 8 to 64 hexadecimal digits; else refused by throwing `content.not-found`, as everywhere here */
  putPicture(key: string, bytes: Uint8Array): Promise<void>;
  /** Null when there is none of that key. */
  picture(key: string): Promise<Uint8Array | null>;
}
