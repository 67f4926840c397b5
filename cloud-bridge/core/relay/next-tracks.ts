/** What will be played after the current track, for phones to show and change. Pure. */
import { contextOrder } from '#protocol/kit/play-order';
import { contextUid } from '#protocol/kit/queue-uid';
import type { TrackId } from '#protocol/vocabulary/ids';
import type { SessionState } from '#protocol/wire/playback-state';

/** An entry of the queue: the track, and the name by which the entry can be moved or taken out. */
export interface QueueEntry {
  readonly trackId: TrackId;
  readonly uid: string;
}

/** @returns at most `limit` entries, nearest first: those that people put in front, then the context's, round again if it repeats */
export function nextEntries(session: SessionState, limit: number): readonly QueueEntry[] {
  const { queue, repeat, shuffleSeed } = session;
  const entries: QueueEntry[] = queue.upNext
    .slice(0, limit)
    .map((trackId, place) => ({ trackId, uid: queue.upNextUids?.[place] ?? `u-${place}` }));
  const order = contextOrder(queue, shuffleSeed);
  const at = order.indexOf(queue.index);
  const end = repeat === 'context' ? at + order.length : order.length - 1;
  for (let step = at + 1; step <= end && entries.length < limit; step += 1) {
    const place = order[step % order.length];
    const trackId = place === undefined ? undefined : queue.trackIds[place];
    if (place !== undefined && trackId !== undefined) entries.push({ trackId, uid: contextUid(place) });
  }
  return entries;
}

/** As `nextEntries`, the tracks alone. */
export function nextTracks(session: SessionState, limit: number): readonly TrackId[] {
  return nextEntries(session, limit).map(({ trackId }) => trackId);
}

/** The track that plays now or would on resume; null for an empty queue. */
export function currentTrackOf(session: SessionState): TrackId | null {
  if (session.playback.kind !== 'stopped') return session.playback.trackId;
  return session.queue.interlude ?? session.queue.trackIds[session.queue.index] ?? null;
}
