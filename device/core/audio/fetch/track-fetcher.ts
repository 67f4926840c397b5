/**
 * Brings one track's wanted segments into the store: obeys the fetch plan through ports.
 *
 * It owns the manifest, the requests under way and the wait after a failure; `close` (a skip) cancels all of them, and an
 * answer that comes after that is dropped. What is retryable is tried for as long as the track is wanted. Every segment
 * is verified as it arrives; an edge that sends bad ones counts as having failed. Which edge is asked is the span fetch's.
 */
import type { ChunkSource, ManifestSource } from '#device/core/ports/chunk-source';
import { fullJitter } from '#protocol/kit/retry-schedule';
import type { Timer } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';
import { heldOnShelf } from '../cache/held-on-shelf.ts';
import { Recaller } from '../cache/recaller.ts';
import type { SegmentShelf } from '../cache/segment-shelf.ts';
import type { QualityPolicy } from '../manifest/choose-file.ts';
import { type RoutePoint, walkRoute } from '../manifest/rung-route.ts';
import type { SegmentPlan, SegmentSpan } from '../manifest/segment-plan.ts';
import { isStillThere, planTrack, type TrackPlan } from '../manifest/track-plan.ts';
import { edgesOf } from './choose-edge.ts';
import type { EdgeBook } from './edge-book.ts';
import { SOON_FRAMES } from './fetch-plan.ts';
import { createManifestFetcher, FETCH_RETRY, type FetchPorts } from './manifest-fetcher.ts';
import { planNextRequest, type RungRequest } from './plan-next-request.ts';
import { SpanFetch } from './span-fetch.ts';
import { SpeedGauge } from './speed-gauge.ts';
import type { ThroughputMeter } from './throughput-meter.ts';
import { TokenWatch } from './token-watch.ts';
import { TrackQuality } from './track-quality.ts';

/** Times that one segment may arrive or be found corrupt before the track is given up. */
export const CORRUPT_TRIES_MAX = 4;
/** Times in a row that a fresh token may be refused before the file counts as not there. */
const TOKEN_RENEWALS_MAX = 2;
/** Between two looks at whether what is under way comes fast enough. */
const LOOK_EVERY_MS = ms(250);

export interface TrackFetcherListener {
  /** The manifest is there; a renewed token is not told. Comes again only if the files changed before any was read. */
  planned(plan: TrackPlan, manifest: Manifest): void;
  segmentsArrived(): void;
  /** Final: nothing more will arrive. */
  failed(error: TonearmError): void;
}

export interface TrackFetcher {
  /**
   * What is wanted now; null for nothing. Requests under way are let finish, unless what is sought is not among them.
   * @param when `soon`: the span begins with what is heard next; `later`: nobody waits for it
   */
  want(span: SegmentSpan | null, when?: 'soon' | 'later'): void;
  /** A held segment of this quality was found corrupt (and is held no more). */
  reportCorrupt(rung: number, segment: number): void;
  /** The network is thought to be back: tries now. */
  nudge(): void;
  close(): void;
}

export type TrackFetcherPorts = FetchPorts & {
  readonly manifests: ManifestSource;
  readonly chunks: ChunkSource;
  readonly shelf: SegmentShelf;
  readonly book: EdgeBook;
  readonly meter: ThroughputMeter;
  readonly quality: QualityPolicy;
};

export interface FetchedTrack {
  readonly trackId: TrackId;
  /** Where it is read, which decides what can follow; null while nobody reads it. */
  reading(): RoutePoint | null;
}

export function createTrackFetcher(
  ports: TrackFetcherPorts,
  track: FetchedTrack,
  listener: TrackFetcherListener,
): TrackFetcher {
  return new PlannedFetcher(ports, track, listener);
}

class PlannedFetcher implements TrackFetcher {
  readonly #ports: TrackFetcherPorts;
  readonly #track: FetchedTrack;
  readonly #listener: TrackFetcherListener;
  readonly #manifestFetcher;
  readonly #schedule;
  readonly #tokenWatch: TokenWatch;
  readonly #recaller: Recaller;
  readonly #quality: TrackQuality;
  readonly #inFlight = new Map<SpanFetch, SpeedGauge>();
  /** By quality and segment. */
  readonly #corruptTries = new Map<string, number>();
  #source: { readonly plan: TrackPlan; readonly manifest: Manifest } | null = null;
  #wanted: SegmentSpan | null = null;
  #when: 'soon' | 'later' = 'soon';
  #waiting: Timer | null = null;
  #looking: Timer | null = null;
  /** The token is of no use; nothing is asked for until a fresh one is there. */
  #isRenewing = false;
  #renewals = 0;
  #isOver = false;

  constructor(ports: TrackFetcherPorts, track: FetchedTrack, listener: TrackFetcherListener) {
    this.#ports = ports;
    this.#track = track;
    this.#listener = listener;
    this.#schedule = fullJitter(ports.random, FETCH_RETRY);
    this.#tokenWatch = new TokenWatch(ports.clock);
    this.#quality = new TrackQuality(ports, track.trackId);
    this.#manifestFetcher = createManifestFetcher(ports, track.trackId, {
      arrived: (manifest, isKept, tookMs) => {
        this.#quality.manifestTook(tookMs);
        this.#manifestArrived(manifest, isKept);
      },
      failed: (error) => this.#fail(error),
    });
    this.#recaller = new Recaller(ports, () => {
      this.#listener.segmentsArrived();
      this.#pump();
    });
    this.#manifestFetcher.begin();
  }

  want(span: SegmentSpan | null, when: 'soon' | 'later' = 'soon'): void {
    if (span !== null && when === 'soon' && this.#isSought(span)) this.#cancelUnderWay();
    this.#wanted = span;
    this.#when = when;
    this.#pump();
  }

  reportCorrupt(rung: number, segment: number): void {
    this.#countCorrupt(rung, segment);
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
    this.#recaller.close();
    this.#waiting?.cancel();
    this.#waiting = null;
    this.#looking?.cancel();
    this.#looking = null;
    this.#cancelUnderWay();
  }

  #manifestArrived(manifest: Manifest, isKept: boolean): void {
    this.#isRenewing = false;
    if (isKept) this.#tokenWatch.recalled(manifest.tokenExpiresAtMs);
    else this.#tokenWatch.arrived(manifest.tokenExpiresAtMs);
    const planned = planTrack(manifest, this.#ports.quality);
    if (!planned.ok) {
      this.#fail(planned.error);
      return;
    }
    const known = this.#source;
    if (known === null) {
      this.#source = { plan: planned.value, manifest };
      this.#listener.planned(planned.value, manifest);
    } else if (isStillThere(known.plan, manifest)) {
      this.#source = { plan: known.plan, manifest };
    } else if (this.#track.reading() === null) {
      // What was remembered is of before it was ingested anew, and nothing of it has been heard.
      this.#cancelUnderWay();
      this.#source = { plan: planned.value, manifest };
      this.#listener.planned(planned.value, manifest);
    } else {
      // Re-ingested while it plays. Its old file may still be served; if not, the refusal that follows says so.
      this.#ports.logger.warn('fetch.file-changed', { trackId: this.#track.trackId });
    }
    this.#pump();
  }

  /** Starts as many requests as the plan asks for; each call of `planRequest` sees the ones before it. */
  #pump(): void {
    if (!this.#isOver && this.#source !== null && this.#wanted !== null) {
      // With the segment before, on which a decoder settles that enters another quality.
      const { from, to } = this.#wanted;
      this.#recaller.want(this.#source.plan.rungs, { from: Math.max(0, from - 1), to });
    }
    // Whatever is told of a request's start may end this fetcher: looked at again each time.
    while (!this.#isOver && this.#source !== null && this.#waiting === null && !this.#isRenewing) {
      const { plan, manifest } = this.#source;
      const request = this.#nextRequest(plan);
      if (request === null) return;
      this.#renewTokenInTime();
      if (this.#isRenewing) return;
      this.#request(plan, manifest, request);
    }
  }

  #nextRequest(plan: TrackPlan): RungRequest | null {
    const { rungs } = plan;
    const wanted = this.#wanted;
    if (wanted === null || this.#quality.isLinkBusy(this.#leftBytes())) return null;
    return planNextRequest({
      wanted,
      reading: this.#readingAt(wanted),
      rungs,
      isHeld: heldOnShelf(this.#ports.shelf, plan).isHeld,
      isInFlight: (rung, segment) => this.#isComing(rungs[rung], segment),
      requestsInFlight: this.#inFlight.size,
      betterThan: (rung) => this.#quality.betterThan(plan, rung),
      chooseRung: (end) =>
        this.#quality.choose(plan, {
          rung: end.rung,
          segment: end.segment,
          readingSegment: wanted.from,
          isAwaited: this.#when === 'soon',
        }),
    });
  }

  #request({ rungs }: TrackPlan, manifest: Manifest, { rung, span }: RungRequest): void {
    const plan = rungs[rung];
    if (plan === undefined) throw new RangeError(`no rung ${rung} of ${rungs.length}`);
    const fetch: SpanFetch = new SpanFetch(
      this.#ports,
      {
        plan,
        span,
        token: manifest.token,
        edges: edgesOf(manifest),
        isTokenFresh: this.#renewals > 0,
        isNeededSoon: () => this.#isNeededSoon(plan, fetch.missingFrom),
      },
      {
        segmentArrived: (segment, sealed) => this.#segmentArrived({ plan, rung, segment }, sealed),
        progressed: () => this.#listener.segmentsArrived(),
        finished: () => this.#finished(fetch),
        refused: (error) => this.#refused(fetch, manifest, error),
      },
    );
    this.#inFlight.set(fetch, new SpeedGauge(this.#ports.clock, () => fetch.leftBytes()));
    this.#lookLater();
    fetch.start();
  }

  #leftBytes(): number {
    let leftBytes = 0;
    for (const fetch of this.#inFlight.keys()) leftBytes += fetch.leftBytes();
    return leftBytes;
  }

  #lookLater(): void {
    if (this.#looking !== null || this.#isOver) return;
    this.#looking = this.#ports.clock.setTimer('fetch.look', LOOK_EVERY_MS, () => {
      this.#looking = null;
      this.#giveUpWhatIsTooSlow();
      this.#pump();
      if (this.#inFlight.size > 0) this.#lookLater();
    });
  }

  /** What comes too slowly to be heard in time, and all that shares the link with it, makes room for less. */
  #giveUpWhatIsTooSlow(): void {
    const source = this.#source;
    const wanted = this.#wanted;
    if (source === null || wanted === null) return;
    const held = walkRoute(heldOnShelf(this.#ports.shelf, source.plan), this.#readingAt(wanted), wanted.to).segment;
    for (const [fetch, gauge] of this.#inFlight) {
      const isNext = this.#when === 'soon' && fetch.missingFrom <= held;
      if (!isNext || !this.#quality.givesUp(source.plan, fetch, gauge, held - wanted.from)) continue;
      this.#cancelUnderWay();
      this.#pump();
      return;
    }
  }

  /** Elsewhere than one segment on, of which nothing is there or on its way: what else is would share the link with it. */
  #isSought(span: SegmentSpan): boolean {
    const [plan, before] = [this.#source?.plan, this.#wanted];
    if (plan === undefined || before === null || span.from >= span.to) return false;
    if (span.from >= before.from && span.from <= before.from + 1) return false;
    return plan.rungs.every((rung) => !this.#ports.shelf.isHeld(rung, span.from) && !this.#isComing(rung, span.from));
  }

  #cancelUnderWay(): void {
    for (const fetch of this.#inFlight.keys()) fetch.cancel();
    this.#inFlight.clear();
  }

  #readingAt(wanted: SegmentSpan): RoutePoint {
    const reading = this.#track.reading();
    // A seek reads elsewhere than what still sounds.
    return { segment: wanted.from, rung: reading?.segment === wanted.from ? reading.rung : null };
  }

  #isComing(plan: SegmentPlan | undefined, segment: number): boolean {
    if (plan === undefined) return false;
    if (this.#recaller.isUnderWay(plan, segment)) return true;
    for (const it of this.#inFlight.keys()) {
      if (it.plan === plan && it.span.from <= segment && segment < it.span.to) return true;
    }
    return false;
  }

  #isNeededSoon(plan: SegmentPlan, missingFrom: number): boolean {
    if (this.#when === 'later' || this.#wanted === null) return false;
    return missingFrom < this.#wanted.from + Math.ceil(SOON_FRAMES / plan.file.segmentFrames);
  }

  #segmentArrived(
    { plan, rung, segment }: { readonly plan: SegmentPlan; readonly rung: number; readonly segment: number },
    sealed: Uint8Array,
  ): boolean {
    const kept = this.#ports.shelf.keep(plan, segment, sealed);
    if (!kept.ok) {
      this.#countCorrupt(rung, segment);
      return false;
    }
    this.#renewals = 0;
    if (!kept.value) this.#ports.logger.warn('fetch.store-full', { trackId: this.#track.trackId, segment });
    return true;
  }

  #finished(fetch: SpanFetch): void {
    this.#inFlight.delete(fetch);
    const { plan, span } = fetch;
    const isKept = this.#ports.shelf.firstMissing(plan, span.from, span.to) >= span.to;
    if (isKept) this.#schedule.reset();
    else this.#waitToTryAgain(new TonearmError('storage.failed', 'the segment store has no room'), []);
    this.#listener.segmentsArrived();
    this.#pump();
  }

  #refused(fetch: SpanFetch, manifest: Manifest, error: TonearmError): void {
    this.#inFlight.delete(fetch);
    // A fresh token is on its way: what was refused is asked for again with it.
    if (this.#isOver || this.#isRenewing) return;
    const isToken = error.code === 'content.token-refused' || error.code === 'content.not-found';
    if (isToken && manifest.token !== this.#source?.manifest.token) {
      // It was asked for with a token that has been replaced meanwhile.
      this.#pump();
    } else if (isToken && this.#renewals < TOKEN_RENEWALS_MAX) {
      // A file that is not there may be one that was ingested anew (spec section 8.4).
      this.#renewals += 1;
      this.#isRenewing = true;
      this.#manifestFetcher.ask();
    } else if (error.retryable) {
      const edges = edgesOf(manifest);
      // Who brought something before it broke off may bring more at once: waits are for those who bring nothing.
      const hasBrought = fetch.missingFrom > fetch.span.from && this.#ports.book.waitMs(edges) === 0;
      if (!hasBrought) this.#waitToTryAgain(error, edges);
      else this.#pump();
    } else {
      this.#fail(error);
    }
  }

  #waitToTryAgain(error: TonearmError, edges: readonly string[]): void {
    if (this.#waiting !== null) return;
    const waitMs = ms(Math.max(this.#schedule.next(), this.#ports.book.waitMs(edges)));
    const { code, message } = error;
    this.#ports.logger.debug('fetch.refused', { trackId: this.#track.trackId, code, message, waitMs });
    this.#waiting = this.#ports.clock.setTimer('fetch.retry', waitMs, () => {
      this.#waiting = null;
      this.#pump();
    });
  }

  /** Nothing waits for the renewal of a token that may still be good. */
  #renewTokenInTime(): void {
    const age = this.#tokenWatch.age();
    if (age === 'good') return;
    this.#tokenWatch.asked();
    this.#isRenewing = age === 'over';
    this.#manifestFetcher.ask();
  }

  /** Once too often, and the track has failed. */
  #countCorrupt(rung: number, segment: number): void {
    const place = `${rung}/${segment}`;
    const tries = (this.#corruptTries.get(place) ?? 0) + 1;
    this.#corruptTries.set(place, tries);
    this.#ports.logger.warn('fetch.corrupt-segment', { trackId: this.#track.trackId, segment, tries });
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
