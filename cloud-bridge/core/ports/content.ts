/** What the doors need of the content service: manifests, stored bytes, pictures. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId, TrackId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import type { Bytes } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';

export interface ManifestService {
  /** Refused with `catalogue.not-found`, `content.preparing` (and the track is brought forward), or `content.unreadable`. */
  manifestFor(trackId: TrackId): Promise<Result<Manifest, TonearmError>>;
}

export interface StoredObject {
  readonly sizeBytes: Bytes;
  /** Bytes from `offset`, exactly `length` of them, in pieces; the object's own file descriptor is closed at the end or on early return. */
  read(offset: Bytes, length: Bytes): AsyncIterable<Uint8Array>;
}

export interface ContentReader {
  /** Checks the bearer token for this file, then finds it. Refused with `content.not-found` either way: who may not, learns nothing. */
  open(fileId: FileId, token: string): Promise<Result<StoredObject, TonearmError>>;
}

export interface ArtReader {
  /** @param key last part of a track's `artPath` */
  art(key: string): Promise<Result<{ readonly mediaType: string; readonly bytes: Uint8Array }, TonearmError>>;
}
