/**
 * Where encoded bytes come from: an edge, over HTTP or in memory. One request, one answer, no retry; trying again and
 * choosing an edge is policy and lives with the caller.
 */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId, SpeakerId, TrackId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import { type Bytes, type Ms, ms } from '#protocol/vocabulary/units';
import type { EdgeReport } from '#protocol/wire/edge-report';
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
  fetchRange(request: RangeRequest, watcher?: FetchWatcher): PendingFetch<Uint8Array>;
  /** Fetches a file's head object, exactly `length` bytes long; `content.not-found` where it is not kept. Else as a range. */
  fetchHead(request: HeadRequest, watcher?: FetchWatcher): PendingFetch<Uint8Array>;
}

export interface FileRequest {
  /** Base URL of the edge; empty for the bridge itself. */
  readonly edgeUrl: string;
  readonly token: string;
  readonly fileId: FileId;
}

/** Whole segments out of the middle of a file. */
export interface RangeRequest extends FileRequest {
  readonly range: ByteRange;
}

/** The first segments of a file, kept as one object. */
export interface HeadRequest extends FileRequest {
  readonly length: Bytes;
}

/** Told of an answer while it comes, so that what has come need not be fetched again when the rest does not. */
export interface FetchWatcher {
  /** The next bytes of what was asked for; only told when status and headers are right. A source may not tell at all. */
  arrived(piece: Uint8Array): void;
}

/** Where in a refusal's context stands how long an edge wants to be left alone (`Retry-After`). */
export const RETRY_AFTER_CONTEXT = 'retryAfterMs';

/** @returns how long the edge asked to be left alone; null when it did not say */
export function retryAfterOf(error: TonearmError): Ms | null {
  const wait = error.context[RETRY_AFTER_CONTEXT];
  return typeof wait === 'number' && wait >= 0 ? ms(wait) : null;
}

export interface ManifestSource {
  /** Refused with `catalogue.not-found`, `content.preparing` (ask again), or `fetch.*`. */
  fetchManifest(trackId: TrackId): PendingFetch<Manifest>;
  /**
   * What is remembered of an earlier answer, however long ago: good as long as its token is, and for what need not be
   * fetched also after that. Absent: nothing is remembered. Never rejects.
   */
  recallManifest?(trackId: TrackId): Promise<Manifest | undefined>;
}

/** Told where the bridge is, since an empty `edgeUrl` and every manifest mean the bridge of the moment. */
export interface BridgeLocator {
  /**
   * @param url `http://host:port`, or null while none is known: requests are then refused with `fetch.unreachable`
   * @param speakerId who asks, as the bridge knows it; absent: asked without a name
   */
  setBridge(url: string | null, speakerId?: SpeakerId, trust?: BridgeTrust): void;
}

/** How bridge and speaker know one another over HTTP. */
export interface BridgeTrust {
  /** SHA-256 of the public key that must answer at the bridge's address; nothing is sent to any other. */
  readonly pin?: Uint8Array;
  /** Shows that a request is this speaker's; absent until the bridge has given one. */
  readonly accessToken?: string;
}

/** Where the bridge is told how edges did. */
export interface EdgeReportSink {
  /** One attempt and no answer: a report that is lost is no loss. */
  reportEdges(edges: EdgeReport['edges']): void;
}

export interface PendingFetch<Value> {
  /** Settles once. After `cancel` it settles as `fetch.cancelled`, unless it had already. */
  readonly outcome: Promise<Result<Value, TonearmError>>;
  cancel(): void;
}
