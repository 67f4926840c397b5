/**
 * Obeys the prefetch plan: one track at a time, by the very fetcher that plays use, so that edges, tokens, qualities and
 * the archive are the same. What it fetches lies on the shelf like everything else; who plays it finds it there.
 */
import { HINTED_TRACKS_MAX, type HintReason } from '#device/core/ports/audio-engine';
import type { Timer } from '#protocol/ports/clock';
import type { TrackId } from '#protocol/vocabulary/ids';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { createTrackFetcher, type TrackFetcher, type TrackFetcherPorts } from '../fetch/track-fetcher.ts';
import type { SegmentPlan, SegmentSpan } from '../manifest/segment-plan.ts';
import type { TrackPlan } from '../manifest/track-plan.ts';
import { HourlyBudget } from './hourly-budget.ts';
import { type HeadState, type PrefetchStep, type PrefetchView, planPrefetch } from './prefetch-plan.ts';

/** Fetched on suspicion: an hour's listening at 96 kbit/s, at most as much again as was asked for. */
export const PREFETCH_BYTES_PER_HOUR = 48 * 1024 * 1024;
/** Of which at once: a few screens of twenty tracks. */
export const PREFETCH_BYTES_AT_ONCE = 12 * 1024 * 1024;
/** Segments of a beginning where there is no head object. */
const HEAD_SEGMENTS_USUAL = 4;
/** One that takes longer makes room for the next. */
const STEP_WITHIN: Ms = ms(20_000);
/** One that did not come is tried again after this. */
const AGAIN_AFTER_MS = 120_000;
/** Tracks of which it is remembered how far they are; twice what can be hinted at. */
const KNOWN_MAX = 4 * HINTED_TRACKS_MAX;

/** What plays, as far as it matters to what is fetched beside it. */
export type PrefetchFacts = Pick<PrefetchView, 'bufferedMs' | 'isAwaiting' | 'taken'>;

interface UnderWay {
  readonly step: PrefetchStep;
  readonly fetcher: TrackFetcher;
  readonly limit: Timer;
  plan: TrackPlan | null;
}

export class Prefetcher {
  readonly #ports: TrackFetcherPorts;
  readonly #facts: () => PrefetchFacts;
  readonly #budget: HourlyBudget;
  /** Beginnings that have come, oldest first. */
  readonly #known = new Map<TrackId, TrackPlan>();
  readonly #refusedUs = new Map<TrackId, number>();
  #hints: Readonly<Record<HintReason, readonly TrackId[]>> = { queue: [], shown: [] };
  #underWay: UnderWay | null = null;
  #fetchedBytes = 0;
  #isClosed = false;

  constructor(ports: TrackFetcherPorts, facts: () => PrefetchFacts) {
    this.#ports = ports;
    this.#facts = facts;
    this.#budget = new HourlyBudget(ports.clock, PREFETCH_BYTES_PER_HOUR, PREFETCH_BYTES_AT_ONCE);
  }

  /** Bytes of beginnings that were fetched here, heard since or not. */
  get fetchedBytes(): number {
    return this.#fetchedBytes;
  }

  /** Replaces what was hinted at for the same reason. */
  hint(reason: HintReason, trackIds: readonly TrackId[]): void {
    this.#hints = { ...this.#hints, [reason]: trackIds.slice(0, HINTED_TRACKS_MAX) };
    this.look();
  }

  /** Looks whether there is something to fetch, or to give up. Called whenever something has changed, and now and then. */
  look(): void {
    if (this.#isClosed) return;
    const steps = planPrefetch({
      ...this.#facts(),
      isUnderWay: this.#underWay !== null,
      budgetBytes: this.#budget.left(),
      hints: this.#hints,
      headState: (trackId) => this.#headState(trackId),
    });
    const [first] = steps;
    const current = this.#underWay?.step;
    if (current !== undefined && goesOn(current, steps)) return;
    this.#giveUp();
    if (first !== undefined) this.#begin(first);
  }

  close(): void {
    this.#isClosed = true;
    this.#giveUp();
  }

  #headState(trackId: TrackId): HeadState {
    const refusedUs = this.#refusedUs.get(trackId);
    if (refusedUs !== undefined && this.#ports.clock.nowUs() - refusedUs < AGAIN_AFTER_MS * 1000) return 'refused';
    const plan = this.#known.get(trackId);
    if (plan === undefined) return 'unknown';
    return this.#isHeld(plan) ? 'held' : 'missing';
  }

  /** In any quality, and in memory or in the archive: from both it sounds at once. */
  #isHeld({ rungs }: TrackPlan): boolean {
    const { shelf } = this.#ports;
    return rungs.some((plan) => {
      const { from, to } = headOf(plan);
      for (let segment = from; segment < to; segment += 1) {
        if (!shelf.isHeld(plan, segment) && !shelf.isArchived(plan, segment)) return false;
      }
      return true;
    });
  }

  #begin(step: PrefetchStep): void {
    const { clock, logger } = this.#ports;
    logger.debug('prefetch.begun', { trackId: step.trackId, reason: step.reason });
    const fetcher = createTrackFetcher(
      this.#counted(),
      { trackId: step.trackId, reading: () => null },
      {
        planned: (plan) => this.#planned(step, plan),
        segmentsArrived: () => this.#arrived(step),
        failed: () => this.#refuse(step),
      },
    );
    const limit = clock.setTimer('prefetch.step', STEP_WITHIN, () => this.#refuse(step));
    this.#underWay = { step, fetcher, limit, plan: null };
  }

  /** What comes over the network by this way is counted; what is recalled is not. */
  #counted(): TrackFetcherPorts {
    const { shelf } = this.#ports;
    return {
      ...this.#ports,
      shelf: {
        ...shelf,
        keep: (plan, segment, sealed) => {
          this.#fetchedBytes += sealed.length;
          this.#budget.spend(sealed.length);
          return shelf.keep(plan, segment, sealed);
        },
      },
    };
  }

  #planned(step: PrefetchStep, plan: TrackPlan): void {
    const underWay = this.#underWay;
    if (underWay?.step !== step) return;
    underWay.plan = plan;
    this.#known.delete(step.trackId);
    this.#known.set(step.trackId, plan);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KNOWN_MAX) break;
      this.#known.delete(oldest);
    }
    if (this.#isHeld(plan)) this.#finish();
    else underWay.fetcher.want(headOf(plan.best), 'later');
  }

  #arrived(step: PrefetchStep): void {
    const underWay = this.#underWay;
    if (underWay?.step === step && underWay.plan !== null && this.#isHeld(underWay.plan)) this.#finish();
  }

  #refuse(step: PrefetchStep): void {
    if (this.#underWay?.step !== step) return;
    this.#refusedUs.delete(step.trackId);
    this.#refusedUs.set(step.trackId, this.#ports.clock.nowUs());
    for (const oldest of this.#refusedUs.keys()) {
      if (this.#refusedUs.size <= KNOWN_MAX) break;
      this.#refusedUs.delete(oldest);
    }
    this.#finish();
  }

  #finish(): void {
    this.#giveUp();
    this.look();
  }

  #giveUp(): void {
    this.#underWay?.limit.cancel();
    this.#underWay?.fetcher.close();
    this.#underWay = null;
  }
}

/** What has begun is finished although another comes first now, unless it is the queue that asks. */
function goesOn(current: PrefetchStep, steps: readonly PrefetchStep[]): boolean {
  const isWanted = steps.some(({ trackId }) => trackId === current.trackId);
  return isWanted && (current.reason === 'queue' || steps[0]?.reason !== 'queue');
}

function headOf(plan: SegmentPlan): SegmentSpan {
  const segments = plan.file.headSegments ?? 0;
  return { from: 0, to: Math.min(plan.segmentCount, segments > 0 ? segments : HEAD_SEGMENTS_USUAL) };
}
