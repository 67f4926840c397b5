/** What a listener is likely to hear next, for the engine to have its beginning ready: pure arithmetic on the queue. */
import type { TrackId } from '#protocol/vocabulary/ids';
import type { PlayerState } from './player-state.ts';
import { applyStep, currentTrack, planAdvance, trackOfStep } from './queue.ts';

/** Tracks told ahead. A quarter of plays is skipped within 5 s, and who skips once skips again (Lamere 2014). */
export const UPCOMING_TRACKS = 3;

/** @returns those that as many skips would lead to, in their order, each once and never the current one */
export function planUpcoming({ mode }: PlayerState): readonly TrackId[] {
  if (mode.kind !== 'loaded' && mode.kind !== 'stopped') return [];
  const current = currentTrack(mode.queue);
  const upcoming = new Set<TrackId>();
  let queue = mode.queue;
  for (let step = 0; step < UPCOMING_TRACKS; step += 1) {
    const next = planAdvance(queue, 'asked');
    const trackId = next === null ? null : trackOfStep(queue, next);
    if (next === null || trackId === null) break;
    if (trackId !== current) upcoming.add(trackId);
    queue = applyStep(queue, next);
  }
  return [...upcoming];
}

/** @returns what to tell the engine; null when nothing about it has changed */
export function planUpcomingChange(before: PlayerState, after: PlayerState): readonly TrackId[] | null {
  // The same queue, and not only an equal one, in nearly every transition.
  if (queueOf(before) === queueOf(after)) return null;
  const upcoming = planUpcoming(after);
  return upcoming.join() === planUpcoming(before).join() ? null : upcoming;
}

function queueOf({ mode }: PlayerState): object | null {
  return mode.kind === 'loaded' || mode.kind === 'stopped' ? mode.queue : null;
}
