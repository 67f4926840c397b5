/** What will be played after the current track, for phones to show. Pure. */
import { playOrder } from '#protocol/kit/play-order';
import type { TrackId } from '#protocol/vocabulary/ids';
import type { SessionState } from '#protocol/wire/playback-state';

/** @returns at most `limit` tracks, nearest first: those that people put in front, then the context's, round again if it repeats */
export function nextTracks(session: SessionState, limit: number): readonly TrackId[] {
  const { queue, repeat, shuffleSeed } = session;
  const order = playOrder(queue.trackIds.length, shuffleSeed);
  const place = order.indexOf(queue.index);
  const ahead = order.slice(place + 1);
  const around = repeat === 'context' ? order.slice(0, place + 1) : [];
  const context = [...ahead, ...around].flatMap((index) => queue.trackIds[index] ?? []);
  return [...queue.upNext, ...context].slice(0, limit);
}

/** The track that plays now or would on resume; null for an empty queue. */
export function currentTrackOf(session: SessionState): TrackId | null {
  if (session.playback.kind !== 'stopped') return session.playback.trackId;
  return session.queue.interlude ?? session.queue.trackIds[session.queue.index] ?? null;
}
