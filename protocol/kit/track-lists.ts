/**
 * Contexts by their ids, on either side of a link: the few that were used last, put together from the parts in which they
 * travel. Spec section 6.6.
 */
import type { ListId, TrackId } from '#protocol/vocabulary/ids';
import type { PlayQueue, SessionState } from '#protocol/wire/playback-state';
import { LIST_PART_TRACKS_MAX, type TrackList } from '#protocol/wire/track-list';

export interface TrackLists {
  /** Marks it as used. */
  get(id: ListId): readonly TrackId[] | null;
  put(id: ListId, trackIds: readonly TrackId[]): void;
  /** @returns the whole list when this was its last part; a part out of order ends what was being put together */
  take(part: TrackList): readonly TrackId[] | null;
}

export interface TrackListsLimits {
  readonly lists: number;
  /** Of all lists together. */
  readonly entries: number;
}

export function createTrackLists(limits: TrackListsLimits): TrackLists {
  const held = new Map<ListId, readonly TrackId[]>();
  /** One at a time: a link carries the parts of a list in a row. */
  let partial: { readonly id: ListId; readonly total: number; readonly trackIds: TrackId[] } | null = null;
  let entries = 0;

  function forget(id: ListId): void {
    entries -= held.get(id)?.length ?? 0;
    held.delete(id);
  }

  function put(id: ListId, trackIds: readonly TrackId[]): void {
    forget(id);
    held.set(id, trackIds);
    entries += trackIds.length;
    for (const oldest of held.keys()) {
      if (oldest === id || (held.size <= limits.lists && entries <= limits.entries)) break;
      forget(oldest);
    }
  }

  return {
    get: (id) => {
      const trackIds = held.get(id);
      if (trackIds === undefined) return null;
      held.delete(id);
      held.set(id, trackIds);
      return trackIds;
    },
    put,
    take: ({ listId, offset, total, trackIds }) => {
      if (offset === 0) partial = { id: listId, total, trackIds: [] };
      const isNext = partial?.id === listId && partial.total === total && partial.trackIds.length === offset;
      if (partial === null || !isNext || offset + trackIds.length > total) {
        partial = null;
        return null;
      }
      partial.trackIds.push(...trackIds);
      if (partial.trackIds.length < total) return null;
      const whole = partial.trackIds;
      partial = null;
      put(listId, whole);
      return whole;
    },
  };
}

/** The parts in which a list travels, in order. */
export function partsOf(listId: ListId, trackIds: readonly TrackId[]): readonly TrackList[] {
  const total = trackIds.length;
  return Array.from({ length: Math.ceil(total / LIST_PART_TRACKS_MAX) }, (_, part) => {
    const offset = part * LIST_PART_TRACKS_MAX;
    return {
      kind: 'trackList',
      listId,
      offset,
      total,
      trackIds: trackIds.slice(offset, offset + LIST_PART_TRACKS_MAX),
    };
  });
}

/** As it travels: a context that has an id is named by it. */
export function foldSession(session: SessionState): SessionState {
  const { queue } = session;
  return queue.list === undefined ? session : { ...session, queue: { ...queue, trackIds: [] } };
}

/** @returns the queue with its tracks in it; null where the list that it names is not at hand */
export function unfoldQueue(queue: PlayQueue, tracksOf: (id: ListId) => readonly TrackId[] | null): PlayQueue | null {
  const { list } = queue;
  if (list === undefined) return queue;
  const trackIds = tracksOf(list.id);
  // The array itself and no copy: ten thousand tracks are shared by every state of their session.
  return trackIds?.length === list.count ? { ...queue, trackIds: trackIds as TrackId[] } : null;
}

/** As `unfoldQueue`, of a whole session. */
export function unfoldSession(
  session: SessionState,
  tracksOf: (id: ListId) => readonly TrackId[] | null,
): SessionState | null {
  const queue = unfoldQueue(session.queue, tracksOf);
  return queue === null ? null : { ...session, queue };
}
