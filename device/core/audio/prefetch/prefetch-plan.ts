/**
 * Which beginnings to fetch although nobody has asked for them: a pure decision, each with its reason.
 *
 * What plays and what is armed behind it are the fetch plan's; here is what comes beyond: the tracks that a second or third
 * skip leads to, then what phones show. Only while what plays is safe, and only so many bytes an hour: most of it is never heard.
 */
import type { HintReason } from '#device/core/ports/audio-engine';
import type { TrackId } from '#protocol/vocabulary/ids';

/** Sound ahead of what plays, from which on something may be fetched beside it. */
export const PREFETCH_FROM_MS = 30_000;
/** Below this what was begun is given up. */
export const PREFETCH_UNTIL_MS = 15_000;
/** What a head is taken for before its manifest is there: 6.6 s at 160 kbit/s (librespot's figure for a head file). */
export const HEAD_BYTES_USUAL = 128 * 1024;

/** `unknown`: its manifest is not there yet. `refused`: it was tried a while ago, and did not come. */
export type HeadState = 'unknown' | 'missing' | 'held' | 'refused';

export interface PrefetchView {
  /** How much of what plays is there in a row; null when nothing plays, Infinity when it is there to its end. */
  readonly bufferedMs: number | null;
  /** Something is being waited for: a load, or data that ran out. */
  readonly isAwaiting: boolean;
  /** Something is being prefetched: it is not given up for a small dip. */
  readonly isUnderWay: boolean;
  readonly budgetBytes: number;
  /** Of each reason, likeliest first. */
  readonly hints: Readonly<Record<HintReason, readonly TrackId[]>>;
  /** What plays and what is armed: the deck sees to those. */
  readonly taken: readonly TrackId[];
  headState(trackId: TrackId): HeadState;
}

export interface PrefetchStep {
  readonly trackId: TrackId;
  readonly reason: HintReason;
}

/** @returns what to fetch, in order; empty when nothing should be */
export function planPrefetch(view: PrefetchView): readonly PrefetchStep[] {
  const leastMs = view.isUnderWay ? PREFETCH_UNTIL_MS : PREFETCH_FROM_MS;
  const isSafe = !view.isAwaiting && (view.bufferedMs === null || view.bufferedMs >= leastMs);
  if (!isSafe || view.budgetBytes < HEAD_BYTES_USUAL) return [];
  const steps: PrefetchStep[] = [];
  const seen = new Set<TrackId>(view.taken);
  for (const reason of ['queue', 'shown'] as const) {
    for (const trackId of view.hints[reason]) {
      if (seen.has(trackId)) continue;
      seen.add(trackId);
      const state = view.headState(trackId);
      if (state === 'unknown' || state === 'missing') steps.push({ trackId, reason });
    }
  }
  return steps;
}
