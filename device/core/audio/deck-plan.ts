/** Where a loaded track is being read, and what that makes its slots want: the deck's share of the fetch plan. */
import { type Frames, frames } from '#protocol/vocabulary/units';
import type { Loading, Running } from './deck-state.ts';
import { planHorizon } from './fetch/fetch-plan.ts';
import { planDecodeStart } from './manifest/segment-plan.ts';
import type { Mixer } from './mix/mixer.ts';

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
