/**
 * The contexts that the bridge has told by list, and the commands that name them made whole. Spec section 6.6.
 */
import { createTrackLists, partsOf, unfoldQueue } from '#protocol/kit/track-lists';
import type { ListId, TrackId } from '#protocol/vocabulary/ids';
import type { CommandBody, Outcome } from '#protocol/wire/command';
import { CONTEXT_TRACKS_MAX, type SessionState } from '#protocol/wire/playback-state';
import type { TrackList } from '#protocol/wire/track-list';

/** The context that plays, the one that is prepared, and two that were: who goes back need not be told them again. */
const LISTS_HELD = { lists: 4, entries: 4 * CONTEXT_TRACKS_MAX };

/** The answer to a command that names a list which is not at hand. */
export const LIST_MISSING: Outcome = {
  kind: 'refused',
  error: { code: 'session.list-missing', message: 'the list that this names was not told, or is forgotten' },
};

export interface ListShelf {
  take(part: TrackList): void;
  /** The parts of a list that plays or was told lately; none of any other. */
  parts(id: ListId): readonly TrackList[];
  /** The command with the tracks that it names by a list; null where the list is not at hand. */
  unfold(body: CommandBody): CommandBody | null;
}

/** @param session what plays: its list is at hand however many others were told since */
export function createListShelf(session: () => SessionState | null): ListShelf {
  const lists = createTrackLists(LISTS_HELD);

  function tracksOf(id: ListId): readonly TrackId[] | null {
    const queue = session()?.queue;
    return queue?.list?.id === id ? queue.trackIds : lists.get(id);
  }

  return {
    take: (part) => void lists.take(part),
    parts: (id) => partsOf(id, tracksOf(id) ?? []),
    unfold: (body) => {
      if (body.kind === 'prepare') {
        const queue = unfoldQueue(body.session.queue, tracksOf);
        return queue === null ? null : { ...body, session: { ...body.session, queue } };
      }
      if (body.kind !== 'play' || body.list === undefined) return body;
      const trackIds = tracksOf(body.list.id);
      return trackIds?.length === body.list.count ? { ...body, trackIds: [...trackIds] } : null;
    },
  };
}
