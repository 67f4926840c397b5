/**
 * A content door behind one narrow link of which a trace says what it carries: all answers under way share it, and come
 * in pieces as they do from a socket. In an outage nothing comes and nothing breaks, as with TCP over a radio.
 */
import type {
  BridgeLocator,
  ChunkSource,
  EdgeReportSink,
  FetchWatcher,
  FileRequest,
  HeadRequest,
  ManifestSource,
  PendingFetch,
  RangeRequest,
} from '#device/core/ports/chunk-source';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';
import type { LinkTrace } from './commute-trace.ts';

const STEP_MS = 10;
/** As the HTTP source's own: without a sign of life for this long the question is given up. */
const SILENCE_MAX_MS = 5_000;

/** One track in several qualities, each with its stored object. */
export interface ServedTrack {
  readonly manifest: Manifest;
  readonly stored: ReadonlyMap<string, Uint8Array>;
}

export interface RangeAnswered {
  readonly fileId: string;
  readonly bitrateKbps: number;
  readonly askedAtMs: number;
  readonly endedAtMs: number;
  readonly cameBytes: number;
}

interface Transfer {
  readonly startsAtMs: number;
  readonly data: Uint8Array;
  sentBytes: number;
  lastSignMs: number;
  arrived(piece: Uint8Array): void;
  settle(problem: TonearmError | null): void;
}

export class ShapedContent implements ManifestSource, ChunkSource, BridgeLocator, EdgeReportSink {
  readonly #clock: Clock;
  readonly #link: { readonly trace: LinkTrace; readonly roundTripMs: number };
  readonly #tracks: readonly ServedTrack[];
  readonly #transfers = new Set<Transfer>();
  #isStepping = false;
  /** Each answer that came, or broke off. */
  readonly answered: RangeAnswered[] = [];

  constructor(
    clock: Clock,
    link: { readonly trace: LinkTrace; readonly roundTripMs: number },
    tracks: readonly ServedTrack[],
  ) {
    this.#clock = clock;
    this.#link = link;
    this.#tracks = tracks;
  }

  setBridge(): void {}
  reportEdges(): void {}

  fetchManifest(trackId: TrackId): PendingFetch<Manifest> {
    const found = this.#tracks.find(({ manifest }) => manifest.trackId === trackId)?.manifest;
    if (found === undefined) return refusedAtOnce('catalogue.not-found');
    const { promise, resolve } = Promise.withResolvers<Result<Manifest, TonearmError>>();
    const size = JSON.stringify(found).length;
    const cancel = this.#send(new Uint8Array(size), undefined, (problem) =>
      resolve(problem === null ? ok(found) : refused(problem)),
    );
    return { outcome: promise, cancel };
  }

  fetchRange({ range, ...request }: RangeRequest, watcher?: FetchWatcher): PendingFetch<Uint8Array> {
    return this.#fetch(request, range.offset, range.length, watcher);
  }

  fetchHead({ length, ...request }: HeadRequest, watcher?: FetchWatcher): PendingFetch<Uint8Array> {
    return this.#fetch(request, 0, length, watcher);
  }

  #fetch(
    { fileId }: FileRequest,
    offset: number,
    length: number,
    watcher: FetchWatcher | undefined,
  ): PendingFetch<Uint8Array> {
    const track = this.#tracks.find(({ stored }) => stored.has(fileId));
    const data = track?.stored.get(fileId)?.slice(offset, offset + length);
    const bitrateKbps = track?.manifest.files.find((file) => file.fileId === fileId)?.bitrateKbps ?? 0;
    if (data === undefined || data.length < length) return refusedAtOnce('content.range-refused');
    const { promise, resolve } = Promise.withResolvers<Result<Uint8Array, TonearmError>>();
    const askedAtMs = this.#nowMs();
    let cameBytes = 0;
    const cancel = this.#send(
      data,
      (piece) => {
        cameBytes += piece.length;
        watcher?.arrived(piece);
      },
      (problem) => {
        this.answered.push({ fileId, bitrateKbps, askedAtMs, endedAtMs: this.#nowMs(), cameBytes });
        resolve(problem === null ? ok(data) : refused(problem));
      },
    );
    return { outcome: promise, cancel };
  }

  #send(
    data: Uint8Array,
    arrived: ((piece: Uint8Array) => void) | undefined,
    settled: (problem: TonearmError | null) => void,
  ): () => void {
    const startsAtMs = this.#nowMs() + this.#link.roundTripMs;
    const transfer: Transfer = {
      startsAtMs,
      data,
      sentBytes: 0,
      lastSignMs: startsAtMs,
      arrived: (piece) => arrived?.(piece),
      settle: (problem) => {
        if (this.#transfers.delete(transfer)) settled(problem);
      },
    };
    this.#transfers.add(transfer);
    this.#stepLater();
    return () => transfer.settle(new TonearmError('fetch.cancelled', 'not wanted any more'));
  }

  #stepLater(): void {
    if (this.#isStepping) return;
    this.#isStepping = true;
    this.#clock.setTimer('shaped-content', ms(STEP_MS), () => {
      this.#isStepping = false;
      this.#step();
      if (this.#transfers.size > 0) this.#stepLater();
    });
  }

  #step(): void {
    const nowMs = this.#nowMs();
    const sending = [...this.#transfers].filter(({ startsAtMs }) => startsAtMs <= nowMs);
    const share = Math.floor((this.#link.trace.kbpsAt(nowMs) * STEP_MS) / 8 / Math.max(1, sending.length));
    for (const transfer of sending) {
      const piece = transfer.data.slice(transfer.sentBytes, transfer.sentBytes + share);
      if (piece.length > 0) {
        transfer.sentBytes += piece.length;
        transfer.lastSignMs = nowMs;
        transfer.arrived(piece);
      }
      if (transfer.sentBytes === transfer.data.length) transfer.settle(null);
      else if (nowMs - transfer.lastSignMs > SILENCE_MAX_MS) {
        transfer.settle(new TonearmError('fetch.timed-out', 'nothing comes'));
      }
    }
  }

  #nowMs(): number {
    return this.#clock.nowUs() / 1000;
  }
}

function refusedAtOnce(code: 'catalogue.not-found' | 'content.range-refused'): PendingFetch<never> {
  return { outcome: Promise.resolve(refused(new TonearmError(code, 'not served here'))), cancel: () => {} };
}
