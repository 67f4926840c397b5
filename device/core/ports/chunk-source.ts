/**
 * Where encoded bytes come from: an edge, over HTTP or in memory. One request, one answer, no retry; trying again and
 * choosing an edge is policy and lives with the caller.
 */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId, TrackId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import type { Bytes } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';

/** Bytes of a stored object: `length` of them from `offset`. */
export interface ByteRange {
  readonly offset: Bytes;
  readonly length: Bytes;
}

export interface ChunkSource {
  /**
   * Fetches exactly `range` of a stored file.
   * Refused with `fetch.*`; any answer other than exactly those bytes (200 for 206, another Content-Range, too short, too
   * long) is `fetch.unexpected-answer` or `fetch.range-mismatch`.
   */
  fetchRange(request: RangeRequest): PendingFetch<Uint8Array>;
}

export interface RangeRequest {
  /** Base URL of the edge; empty for the bridge itself. */
  readonly edgeUrl: string;
  readonly token: string;
  readonly fileId: FileId;
  readonly range: ByteRange;
}

export interface ManifestSource {
  /** Refused with `catalogue.not-found`, `content.preparing` (ask again), or `fetch.*`. */
  fetchManifest(trackId: TrackId): PendingFetch<Manifest>;
}

/** Told where the bridge is, since an empty `edgeUrl` and every manifest mean the bridge of the moment. */
export interface BridgeLocator {
  /** @param url `http://host:port`, or null while none is known: requests are then refused with `fetch.unreachable` */
  setBridge(url: string | null): void;
}

export interface PendingFetch<Value> {
  /** Settles once. After `cancel` it settles as `fetch.cancelled`, unless it had already. */
  readonly outcome: Promise<Result<Value, TonearmError>>;
  cancel(): void;
}
