/** What the doors need of the content service: manifests, stored bytes, pictures. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId, SpeakerId, TrackId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import type { Bytes, Kbps } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';

/** Who asks for a manifest, and what it says of itself. */
export interface ManifestAsker {
  /** Null: it has not said, as a phone that plays by itself. */
  readonly speakerId: SpeakerId | null;
  readonly region: string | null;
  /** What its connection carries. */
  readonly networkKbps: Kbps | null;
  /** The most it wants. */
  readonly maxKbps: Kbps | null;
  /** Where it reached the bridge: its last resort when edges fail. */
  readonly bridgeUrl: string;
}

export interface ManifestService {
  /**
   * Refused with `catalogue.not-found`, `content.preparing` (and the track is brought forward), `content.unreadable`, or
   * `content.not-allowed` saying why.
   */
  manifestFor(trackId: TrackId, asker: ManifestAsker): Promise<Result<Manifest, TonearmError>>;
}

export interface StoredObject {
  readonly sizeBytes: Bytes;
  /** Bytes from `offset`, exactly `length` of them, in pieces; the object's own file descriptor is closed at the end or on early return. */
  read(offset: Bytes, length: Bytes): AsyncIterable<Uint8Array>;
}

/** A request for one file with what came along to prove that it may be had. */
export interface ContentRequest {
  readonly fileId: FileId;
  /** Empty: none came. */
  readonly token: string;
  /** Null: it has not said. */
  readonly speakerId: string | null;
}

export interface Authorised {
  /** When the token ends, seconds since 1970. */
  readonly expiresAtS: number;
}

export interface ContentReader {
  /** Refused with `content.token-refused` whether the file exists or not: who may not, learns nothing. */
  authorise(request: ContentRequest): Promise<Result<Authorised, TonearmError>>;
  /** As `authorise`, then `content.not-found`. */
  open(request: ContentRequest): Promise<Result<StoredObject, TonearmError>>;
  /** As `open`, for the file's first segments kept apart. */
  openHead(request: ContentRequest): Promise<Result<StoredObject, TonearmError>>;
}

export interface ArtReader {
  /** @param key last part of a track's `artPath` */
  art(key: string): Promise<Result<{ readonly mediaType: string; readonly bytes: Uint8Array }, TonearmError>>;
}
