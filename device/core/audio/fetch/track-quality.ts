/**
 * One track's dealings with the quality policies: gathers what they ask for, remembers when the quality was changed, and
 * says in the log why it was.
 */
import type { Logger } from '#protocol/ports/logger';
import type { TrackId } from '#protocol/vocabulary/ids';
import { rateKbpsOf, type SegmentPlan, segmentMsOf } from '../manifest/segment-plan.ts';
import type { TrackPlan } from '../manifest/track-plan.ts';
import { COMFORTABLE_MS, chooseQuality, improveQuality } from './choose-quality.ts';
import { isTooSlow } from './give-up-slow.ts';
import type { SpanFetch } from './span-fetch.ts';
import type { SpeedGauge } from './speed-gauge.ts';
import type { ThroughputMeter } from './throughput-meter.ts';

/** The next request is sent when what is under way will be there in this: its round trip is hidden, its bytes wait. */
const ASK_BEFORE_MS = 500;
/** Longer than a far bridge takes for its few kilobytes over anything but a slow link. */
const MANIFEST_SLOW_MS = 400;
/** Until the answer to another request begins: a mobile link's round trip. */
const FIRST_BYTE_MS = 100;

export interface TrackQualityPorts {
  readonly logger: Logger;
  readonly meter: ThroughputMeter;
}

export interface QualityPlace {
  /** Of what comes before; null where nothing does. */
  readonly rung: number | null;
  /** The segment to go on with, and the one that is read next. */
  readonly segment: number;
  readonly readingSegment: number;
  readonly isAwaited: boolean;
}

export class TrackQuality {
  readonly #ports: TrackQualityPorts;
  readonly #trackId: TrackId;
  /** Where; null while it was not changed since somebody waited for the beginning. */
  #changedAt: number | null = null;
  #seemsSlow = false;

  constructor(ports: TrackQualityPorts, trackId: TrackId) {
    this.#ports = ports;
    this.#trackId = trackId;
  }

  /** How long the answer to the request for the manifest was awaited. */
  manifestTook(tookMs: number): void {
    this.#seemsSlow = tookMs > MANIFEST_SLOW_MS;
  }

  /** @returns the quality to go on in */
  choose({ rungs, best }: TrackPlan, place: QualityPlace): number {
    const { logger, meter } = this.#ports;
    const segmentMs = segmentMsOf(best);
    const aheadMs = (place.segment - place.readingSegment) * segmentMs;
    const view = {
      ratesKbps: rungs.map(rateKbpsOf),
      segmentMs,
      rung: place.rung,
      isAwaited: place.isAwaited,
      bufferMs: place.isAwaited ? aheadMs : aheadMs + COMFORTABLE_MS,
      throughputKbps: meter.estimateKbps(),
      seemsSlow: this.#seemsSlow,
      sinceChangeMs:
        this.#changedAt === null ? Number.POSITIVE_INFINITY : Math.abs(place.segment - this.#changedAt) * segmentMs,
    };
    const { rung, reason } = chooseQuality(view);
    if (rung === place.rung) return rung;
    this.#changedAt = place.rung === null ? null : place.segment;
    const { bufferMs, throughputKbps } = view;
    const kbps = rungs[rung]?.file.bitrateKbps;
    logger.debug('fetch.quality', { trackId: this.#trackId, kbps, reason, bufferMs, throughputKbps });
    return rung;
  }

  /** What may take the place of a quality that is held; null for nothing. */
  betterThan({ rungs }: TrackPlan, rung: number): number | null {
    return improveQuality({ ratesKbps: rungs.map(rateKbpsOf), throughputKbps: this.#ports.meter.estimateKbps() }, rung);
  }

  /** Whether what is under way keeps the link busy for so long that another request would only share it. */
  isLinkBusy(leftBytes: number): boolean {
    const kbps = this.#ports.meter.estimateKbps();
    return kbps !== null && (leftBytes * 8) / Math.max(1, kbps) > ASK_BEFORE_MS;
  }

  /**
   * Whether a request comes so slowly that a lower quality will do better. If so, what was known of the link is forgotten.
   * @param segmentsHeld that are heard before what the request brings next
   */
  givesUp({ rungs }: TrackPlan, fetch: SpanFetch, gauge: SpeedGauge, segmentsHeld: number): boolean {
    const { elapsedMs, speedKbps } = gauge.look();
    const lower = rungs.slice(0, Math.max(0, rungs.indexOf(fetch.plan)));
    const isGivenUp =
      // An edge that keeps silent is no slow link; another one is asked beside it.
      fetch.hasBegun &&
      isTooSlow({
        elapsedMs,
        speedKbps,
        nextBytes: fetch.leftBytes(fetch.missingFrom + 1),
        leftBytes: fetch.leftBytes(),
        leftSegments: fetch.span.to - fetch.missingFrom,
        segmentMs: segmentMsOf(fetch.plan),
        bufferMs: segmentsHeld * segmentMsOf(fetch.plan),
        lowerSegmentBytes: lower.map(segmentBytesOf),
        firstByteMs: FIRST_BYTE_MS,
      });
    if (!isGivenUp) return false;
    const kbps = fetch.plan.file.bitrateKbps;
    this.#ports.logger.debug('fetch.given-up', { trackId: this.#trackId, kbps, speedKbps });
    this.#ports.meter.restartAt((speedKbps * elapsedMs) / 8, elapsedMs);
    return true;
  }
}

function segmentBytesOf(plan: SegmentPlan): number {
  return (rateKbpsOf(plan) * segmentMsOf(plan)) / 8;
}
