/**
 * Brings one track's wanted segments into the store: obeys the fetch plan through ports.
 *
 * It owns the manifest, the requests under way and the wait after a failure; `close` (a skip) cancels all of them, and an
 * answer that comes after that is dropped. What is retryable is tried for as long as the track is wanted. Every segment
 * is verified as it arrives; an edge that sends bad ones counts as having failed.
 */
import type { ChunkSource, ManifestSource, PendingFetch } from '#device/core/ports/chunk-source';
import { fullJitter } from '#protocol/kit/retry-schedule';
import type { Timer } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import type { Manifest } from '#protocol/wire/manifest';
import type { SegmentShelf } from '../cache/segment-shelf.ts';
import { byteRangeOf, planSegments, type SegmentPlan, type SegmentSpan } from '../manifest/segment-plan.ts';
import { planRequest } from './fetch-plan.ts';
import { createManifestFetcher, FETCH_RETRY, type FetchPorts } from './manifest-fetcher.ts';

/** Times that one segment may arrive or be found corrupt before the track is given up. */
export const CORRUPT_TRIES_MAX = 4;
/** A token that runs out within this is renewed before the next request. */
const TOKEN_MARGIN_MS = 60_000;
/** Times in a row that a fresh token may be refused before the file counts as not there. */
const TOKEN_RENEWALS_MAX = 2;

export interface TrackFetcherListener {
  /** The manifest is there; comes once, a renewed token is not told. */
  planned(plan: SegmentPlan, manifest: Manifest): void;
  segmentsArrived(): void;
  /** Final: nothing more will arrive. */
  failed(error: TonearmError): void;
}

export interface TrackFetcher {
  /** What is wanted now; null for nothing. Requests under way are let finish. */
  want(span: SegmentSpan | null): void;
  /** A held segment was found corrupt (and is held no more). */
  reportCorrupt(segment: number): void;
  /** The network is thought to be back: tries now. */
  nudge(): void;
  close(): void;
}

interface InFlight {
  readonly span: SegmentSpan;
  readonly pending: PendingFetch<Uint8Array>;
}

export type TrackFetcherPorts = FetchPorts & {
  readonly manifests: ManifestSource;
  readonly chunks: ChunkSource;
  readonly shelf: SegmentShelf;
};

export function createTrackFetcher(
  ports: TrackFetcherPorts,
  trackId: TrackId,
  listener: TrackFetcherListener,
): TrackFetcher {
  return new PlannedFetcher(ports, trackId, listener);
}

class PlannedFetcher implements TrackFetcher {
  readonly #ports: TrackFetcherPorts;
  readonly #trackId: TrackId;
  readonly #listener: TrackFetcherListener;
  readonly #manifestFetcher;
  readonly #schedule;
  readonly #inFlight = new Set<InFlight>();
  readonly #corruptTries = new Map<number, number>();
  #source: { readonly plan: SegmentPlan; readonly manifest: Manifest } | null = null;
  #wanted: SegmentSpan | null = null;
  #waiting: Timer | null = null;
  #edge = 0;
  /** A token was refused; nothing is asked for until a fresh one is there. */
  #isRenewing = false;
  #manifestAtUs = 0;
  #renewals = 0;
  #isOver = false;

  constructor(ports: TrackFetcherPorts, trackId: TrackId, listener: TrackFetcherListener) {
    this.#ports = ports;
    this.#trackId = trackId;
    this.#listener = listener;
    this.#schedule = fullJitter(ports.random, FETCH_RETRY);
    this.#manifestFetcher = createManifestFetcher(ports, trackId, {
      arrived: (manifest) => this.#manifestArrived(manifest),
      failed: (error) => this.#fail(error),
    });
    this.#manifestFetcher.ask();
  }

  want(span: SegmentSpan | null): void {
    this.#wanted = span;
    this.#pump();
  }

  reportCorrupt(segment: number): void {
    this.#countCorrupt(segment);
    this.#pump();
  }

  nudge(): void {
    this.#manifestFetcher.nudge();
    if (this.#waiting === null) return;
    this.#waiting.cancel();
    this.#waiting = null;
    this.#schedule.reset();
    this.#pump();
  }

  close(): void {
    this.#isOver = true;
    this.#manifestFetcher.close();
    this.#waiting?.cancel();
    this.#waiting = null;
    for (const { pending } of this.#inFlight) pending.cancel();
    this.#inFlight.clear();
  }

  #manifestArrived(manifest: Manifest): void {
    this.#isRenewing = false;
    this.#manifestAtUs = this.#ports.clock.nowUs();
    const planned = planSegments(manifest);
    if (!planned.ok) {
      this.#fail(planned.error);
      return;
    }
    const known = this.#source;
    if (known === null) {
      this.#source = { plan: planned.value, manifest };
      this.#listener.planned(planned.value, manifest);
    } else if (known.plan.file.fileId === planned.value.file.fileId) {
      this.#source = { plan: known.plan, manifest };
    } else {
      // Re-ingested while it plays. Its old file may still be served; if not, the refusal that follows says so.
      this.#ports.logger.warn('fetch.file-changed', { trackId: this.#trackId });
    }
    this.#pump();
  }

  /** Starts as many requests as the plan asks for; each call of `planRequest` sees the ones before it. */
  #pump(): void {
    const [source, wanted] = [this.#source, this.#wanted];
    if (this.#isOver || source === null || wanted === null || this.#waiting !== null || this.#isRenewing) return;
    this.#renewTokenInTime(source.manifest);
    for (;;) {
      const span = planRequest({
        wanted,
        isHeld: (segment) => this.#ports.shelf.isHeld(source.plan, segment),
        isInFlight: (segment) => [...this.#inFlight].some(({ span }) => span.from <= segment && segment < span.to),
        requestsInFlight: this.#inFlight.size,
        segmentSizesBytes: source.plan.file.segmentSizesBytes,
      });
      if (span === null) return;
      this.#request(source.plan, source.manifest, span);
    }
  }

  #request(plan: SegmentPlan, manifest: Manifest, span: SegmentSpan): void {
    const edgeUrl = manifest.edges[this.#edge % Math.max(1, manifest.edges.length)]?.url ?? '';
    const pending = this.#ports.chunks.fetchRange({
      edgeUrl,
      token: manifest.token,
      fileId: plan.file.fileId,
      range: byteRangeOf(plan, span),
    });
    const request: InFlight = { span, pending };
    this.#inFlight.add(request);
    void pending.outcome.then((outcome) => {
      if (this.#isOver || !this.#inFlight.delete(request)) return;
      if (outcome.ok) this.#arrived(plan, span, outcome.value);
      else this.#refused(outcome.error);
    });
  }

  #arrived(plan: SegmentPlan, span: SegmentSpan, data: Uint8Array): void {
    const base = plan.offsetsBytes[span.from] ?? 0;
    let problem: TonearmError | null = null;
    for (let segment = span.from; segment < span.to && !this.#isOver; segment += 1) {
      const from = (plan.offsetsBytes[segment] ?? 0) - base;
      const to = (plan.offsetsBytes[segment + 1] ?? 0) - base;
      // A copy: a slice of the answer would keep all of it alive for as long as one segment is held.
      const kept = this.#ports.shelf.keep(plan, segment, data.slice(from, to));
      if (!kept.ok) this.#countCorrupt(segment);
      if (!kept.ok) problem = kept.error;
      else if (!kept.value) problem = new TonearmError('storage.failed', 'the segment store has no room');
    }
    if (this.#isOver) return;
    this.#renewals = 0;
    if (problem === null) this.#schedule.reset();
    else this.#refused(problem);
    this.#listener.segmentsArrived();
    this.#pump();
  }

  #refused(error: TonearmError): void {
    this.#edge += 1;
    if (error.code === 'content.not-found' && this.#renewals < TOKEN_RENEWALS_MAX) {
      // Who may not have a file is told that there is none: perhaps only the token is old (spec section 8.4).
      this.#renewals += 1;
      this.#isRenewing = true;
      this.#manifestFetcher.ask();
      return;
    }
    if (!error.retryable) {
      this.#fail(error);
      return;
    }
    if (this.#waiting !== null) return;
    const wait = this.#schedule.next();
    this.#ports.logger.debug('fetch.refused', {
      trackId: this.#trackId,
      code: error.code,
      message: error.message,
      waitMs: wait,
    });
    this.#waiting = this.#ports.clock.setTimer('fetch.retry', wait, () => {
      this.#waiting = null;
      this.#pump();
    });
  }

  /** By the calendar, which may be wrong on a speaker: so at most one manifest per margin is asked for, and nothing waits for it. */
  #renewTokenInTime(manifest: Manifest): void {
    const { clock } = this.#ports;
    if (manifest.tokenExpiresAtMs - clock.wallMs() >= TOKEN_MARGIN_MS) return;
    if (clock.nowUs() - this.#manifestAtUs < TOKEN_MARGIN_MS * 1000) return;
    this.#manifestAtUs = clock.nowUs();
    this.#manifestFetcher.ask();
  }

  /** Once too often, and the track has failed. */
  #countCorrupt(segment: number): void {
    const tries = (this.#corruptTries.get(segment) ?? 0) + 1;
    this.#corruptTries.set(segment, tries);
    this.#ports.logger.warn('fetch.corrupt-segment', { trackId: this.#trackId, segment, tries });
    if (tries < CORRUPT_TRIES_MAX) return;
    const message = `segment ${segment} was corrupt ${tries} times`;
    this.#fail(new TonearmError('fetch.corrupt-segment', message, { context: { segment } }));
  }

  #fail(error: TonearmError): void {
    if (this.#isOver) return;
    this.close();
    this.#listener.failed(error);
  }
}
