/**
 * A bridge's content door in memory: manifests and byte ranges of given tracks, with a network's time and a bad day's
 * faults. Works on any clock.
 */
import type {
  BridgeLocator,
  ChunkSource,
  EdgeReportSink,
  HeadRequest,
  ManifestSource,
  PendingFetch,
  RangeRequest,
} from '#device/core/ports/chunk-source';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId, TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { bytes, ms } from '#protocol/vocabulary/units';
import type { EdgeReport } from '#protocol/wire/edge-report';
import type { Manifest } from '#protocol/wire/manifest';
import type { StoredTrack } from './ogg-segments.ts';

export interface FaultyContentOptions {
  /** From question to the answer's first byte. */
  readonly roundTripMs: number;
  /** Shared by nothing: each answer has it for itself. */
  readonly bytesPerSecond: number;
}

const DEFAULTS: FaultyContentOptions = { roundTripMs: 5, bytesPerSecond: 10_000_000 };

export interface RangeAsked {
  readonly fileId: FileId;
  readonly offset: number;
  readonly length: number;
  readonly atUs: number;
}

export class FaultyContent implements ManifestSource, ChunkSource, BridgeLocator, EdgeReportSink {
  readonly #clock: Clock;
  readonly #options: FaultyContentOptions;
  readonly #tracks = new Map<TrackId, StoredTrack>();
  readonly #files = new Map<FileId, StoredTrack>();
  readonly #preparing = new Set<TrackId>();
  readonly #flips = new Map<string, number>();
  #isReachable = true;
  #acceptsToken: string | null = null;
  #edges: Manifest['edges'] = [];
  #tokenLifeMs: number | null = null;
  #pending = 0;
  /** Each range that was asked for, in order; bounded by the length of a test. */
  readonly rangesAsked: RangeAsked[] = [];
  /** Each manifest that was asked for. */
  readonly manifestsAsked: TrackId[] = [];
  /** What `setBridge` was told last; undefined when never. */
  bridgeUrl: string | null | undefined;
  /** What the bridge was told of its edges. */
  readonly edgeReports: EdgeReport['edges'][] = [];

  constructor(clock: Clock, options: Partial<FaultyContentOptions> = {}) {
    this.#clock = clock;
    this.#options = { ...DEFAULTS, ...options };
  }

  add(...tracks: readonly StoredTrack[]): void {
    for (const track of tracks) {
      this.#tracks.set(track.manifest.trackId, track);
      for (const file of track.manifest.files) this.#files.set(file.fileId, track);
    }
  }

  /** Unreachable: requests under way and new ones are refused with `fetch.unreachable`. */
  setReachable(isReachable: boolean): void {
    this.#isReachable = isReachable;
  }

  setPreparing(trackId: TrackId, isPreparing: boolean): void {
    if (isPreparing) this.#preparing.add(trackId);
    else this.#preparing.delete(trackId);
  }

  /** From now on manifests carry this token, and ranges asked for with another are `content.not-found`. */
  changeToken(token: string): void {
    this.#acceptsToken = token;
  }

  /** From now on manifests name these edges. */
  listEdges(...urls: readonly string[]): void {
    this.#edges = urls.map((url) => ({ url }));
  }

  /** From now on tokens live this long, by the calendar. */
  setTokenLife(lifeMs: number): void {
    this.#tokenLifeMs = lifeMs;
  }

  /** The next `times` answers that hold this segment have one bit of it flipped. */
  flipSegment(fileId: FileId, segment: number, times: number): void {
    this.#flips.set(`${fileId}/${segment}`, times);
  }

  /** Requests not answered yet. */
  pendingRequests(): number {
    return this.#pending;
  }

  setBridge(url: string | null): void {
    this.bridgeUrl = url;
  }

  fetchManifest(trackId: TrackId): PendingFetch<Manifest> {
    this.manifestsAsked.push(trackId);
    return this.#answer(1_000, () => {
      const track = this.#tracks.get(trackId);
      if (track === undefined) return refused(new TonearmError('catalogue.not-found', `no track ${trackId}`));
      if (this.#preparing.has(trackId)) return refused(new TonearmError('content.preparing', 'is being prepared'));
      return ok({
        ...track.manifest,
        edges: this.#edges,
        token: this.#acceptsToken ?? track.manifest.token,
        tokenExpiresAtMs:
          this.#tokenLifeMs === null ? track.manifest.tokenExpiresAtMs : this.#clock.wallMs() + this.#tokenLifeMs,
      });
    });
  }

  fetchRange(request: RangeRequest): PendingFetch<Uint8Array> {
    const { fileId, range } = request;
    this.rangesAsked.push({ fileId, ...range, atUs: this.#clock.nowUs() });
    return this.#answer(range.length, () => {
      const track = this.#files.get(fileId);
      const isWelcome = this.#acceptsToken === null || request.token === this.#acceptsToken;
      if (track === undefined || !isWelcome) return refused(new TonearmError('content.not-found', 'no such file'));
      if (range.offset + range.length > track.stored.length) {
        return refused(new TonearmError('content.range-refused', 'beyond the end'));
      }
      return ok(this.#withFlips(track, track.stored.slice(range.offset, range.offset + range.length), range.offset));
    });
  }

  fetchHead({ length, ...request }: HeadRequest): PendingFetch<Uint8Array> {
    return this.fetchRange({ ...request, range: { offset: bytes(0), length } });
  }

  reportEdges(edges: EdgeReport['edges']): void {
    this.edgeReports.push(edges);
  }

  #withFlips(track: StoredTrack, data: Uint8Array, offset: number): Uint8Array {
    const file = track.manifest.files[0];
    let at = 0;
    file?.segmentSizesBytes.forEach((size, segment) => {
      const key = `${file.fileId}/${segment}`;
      const left = this.#flips.get(key) ?? 0;
      const isWithin = at >= offset && at + size <= offset + data.length;
      if (left > 0 && isWithin) {
        const middle = at - offset + Math.floor(size / 2);
        data[middle] = (data[middle] ?? 0) ^ 1;
        this.#flips.set(key, left - 1);
      }
      at += size;
    });
    return data;
  }

  #answer<Value>(sizeBytes: number, make: () => Result<Value, TonearmError>): PendingFetch<Value> {
    let cancel = (): void => {};
    const outcome = new Promise<Result<Value, TonearmError>>((resolve) => {
      const { roundTripMs, bytesPerSecond } = this.#options;
      const takesMs = ms(roundTripMs + (sizeBytes * 1000) / bytesPerSecond);
      this.#pending += 1;
      let isOpen = true;
      const settle = (result: Result<Value, TonearmError>): void => {
        if (!isOpen) return;
        isOpen = false;
        this.#pending -= 1;
        resolve(result);
      };
      const timer = this.#clock.setTimer('faulty-content.answer', takesMs, () =>
        settle(this.#isReachable ? make() : refused(new TonearmError('fetch.unreachable', 'no route'))),
      );
      cancel = () => {
        timer.cancel();
        settle(refused(new TonearmError('fetch.cancelled', 'not wanted any more')));
      };
    });
    return { outcome, cancel: () => cancel() };
  }
}
