/** Where a loaded track is being read, and what that makes its slots want: the deck's share of the fetch plan. */
import { type Frames, frames, framesToMs } from '#protocol/vocabulary/units';
import { type DeckState, isActive, type Loading, type Running } from './deck-state.ts';
import { NEXT_HEAD_SEGMENTS, planHorizon } from './fetch/fetch-plan.ts';
import { planDecodeStart } from './manifest/segment-plan.ts';
import type { Mixer } from './mix/mixer.ts';
import type { PrefetchFacts } from './prefetch/prefetcher.ts';
import type { TrackSlot } from './track-slot.ts';

export interface ReadingPlace {
  /** Of the next frame to be mixed. */
  readonly positionFrames: Frames;
  /** That decoding needs next. */
  readonly segment: number;
}

export function readingPlace(state: Loading | Running, mixer: Mixer): ReadingPlace {
  const main = mixer.main;
  if (state.kind === 'running' && main?.tag === state.tag) {
    return { positionFrames: main.voice.positionFrames, segment: main.voice.segment };
  }
  const positionFrames = state.kind === 'loading' ? state.positionFrames : state.startFrames;
  const plan = state.slot.plan;
  return { positionFrames, segment: plan === null ? 0 : planDecodeStart(plan, positionFrames).segment };
}

/** Tells both slots what is wanted of them now. */
export function wantWhatIsPlanned(state: Loading | Running, mixer: Mixer): void {
  const plan = state.slot.plan;
  if (plan === null) return;
  const { positionFrames, segment } = readingPlace(state, mixer);
  const horizon = planHorizon({
    playSegment: Math.min(segment, plan.segmentCount),
    segmentCount: plan.segmentCount,
    segmentFrames: plan.file.segmentFrames,
    leftFrames: frames(Math.max(0, plan.durationFrames - positionFrames)),
    isHeld: (span) => state.slot.firstMissing(span) >= span.to,
    nextSegmentCount: state.next?.plan?.segmentCount ?? null,
    nextHeadSegments: state.next?.plan?.file.headSegments ?? 0,
  });
  state.slot.fetcher.want(horizon.current, 'soon');
  state.next?.fetcher.want(horizon.next, horizon.isNextSoon ? 'soon' : 'later');
}

/** @returns what whoever fetches beside must know, so that what plays and what is armed come first */
export function prefetchFactsOf(state: DeckState, mixer: Mixer): PrefetchFacts {
  if (!isActive(state)) return { bufferedMs: null, isAwaiting: false, taken: [] };
  const { slot, next } = state;
  const { positionFrames, segment } = readingPlace(state, mixer);
  const { heldFrames, isToEnd } = slot.heldAhead(positionFrames, segment);
  return {
    bufferedMs: isToEnd ? Number.POSITIVE_INFINITY : framesToMs(heldFrames),
    isAwaiting: state.kind === 'loading' || state.told === 'starved' || (next !== null && isHeadMissing(next)),
    taken: next === null ? [slot.trackId] : [slot.trackId, next.trackId],
  };
}

function isHeadMissing(next: TrackSlot): boolean {
  const { plan, failure } = next;
  if (plan === null || failure !== null) return failure === null;
  const to = Math.min(plan.segmentCount, NEXT_HEAD_SEGMENTS);
  return next.firstMissing({ from: 0, to }) < to;
}
