/**
 * One track's dealings with the quality policies: gathers what they ask for, remembers when the quality was changed, and
 * says in the log why it was.
 */
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { TrackId } from '#protocol/vocabulary/ids';
import { rateKbpsOf, type SegmentPlan, segmentMsOf } from '../manifest/segment-plan.ts';
import type { TrackPlan } from '../manifest/track-plan.ts';
import { COMFORTABLE_MS, chooseQuality } from './choose-quality.ts';
import { isTooSlow } from './give-up-slow.ts';
import type { SpanFetch } from './span-fetch.ts';
import type { SpeedGauge } from './speed-gauge.ts';
import type { ThroughputMeter } from './throughput-meter.ts';

/** Until the answer to another request begins: a mobile link's round trip. */
const FIRST_BYTE_MS = 100;

export interface TrackQualityPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: ThroughputMeter;
}

export interface QualityPlace {
  /** Of what comes before; null where nothing does. */
  readonly rung: number | null;
  /** Segments held or under way before this place. */
  readonly segmentsAhead: number;
  readonly isAwaited: boolean;
}

export class TrackQuality {
  readonly #ports: TrackQualityPorts;
  readonly #trackId: TrackId;
  /** Null while it was not changed since somebody waited for the beginning. */
  #changedUs: number | null = null;

  constructor(ports: TrackQualityPorts, trackId: TrackId) {
    this.#ports = ports;
    this.#trackId = trackId;
  }

  /** @returns the quality to go on in */
  choose({ rungs, best }: TrackPlan, place: QualityPlace): number {
    const { clock, logger, meter } = this.#ports;
    const aheadMs = place.segmentsAhead * segmentMsOf(best);
    const view = {
      ratesKbps: rungs.map(rateKbpsOf),
      segmentMs: segmentMsOf(best),
      rung: place.rung,
      isAwaited: place.isAwaited,
      bufferMs: place.isAwaited ? aheadMs : aheadMs + COMFORTABLE_MS,
      throughputKbps: meter.estimateKbps(),
      sinceChangeMs: this.#changedUs === null ? Number.POSITIVE_INFINITY : (clock.nowUs() - this.#changedUs) / 1000,
    };
    const { rung, reason } = chooseQuality(view);
    if (rung === place.rung) return rung;
    this.#changedUs = place.rung === null ? null : clock.nowUs();
    const { bufferMs, throughputKbps } = view;
    const kbps = rungs[rung]?.file.bitrateKbps;
    logger.debug('fetch.quality', { trackId: this.#trackId, kbps, reason, bufferMs, throughputKbps });
    return rung;
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
