/**
 * What people change of a queue: an entry out, an entry elsewhere, all out. Entries are meant by name and never by place,
 * since the place of an entry may have changed while the command was on its way. Spec section 5.6.
 *
 * The context itself is never changed, only the order in which it is played: so it keeps its id, shuffling stays one
 * permutation, and turning it off finds the context as it was.
 */
import { contextOrder } from '#protocol/kit/play-order';
import { contextPlaceOf } from '#protocol/kit/queue-uid';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { EDITS_MAX, type QueueEdit } from '#protocol/wire/playback-state';
import { type QueueState, uidsOf } from './queue.ts';

type Changed<State> = Result<State, TonearmError>;

/** All of them or none: `session.entry-not-found` when one is not waiting (any more). */
export function removeEntries<State extends QueueState>(state: State, uids: readonly string[]): Changed<State> {
  const asked = new Set(uids);
  const known = uidsOf(state.queue);
  const places: number[] = [];
  for (const uid of asked) {
    if (known.includes(uid)) continue;
    const place = remainingPlace(state, uid);
    if (place === null) return notFound(uid);
    places.push(place);
  }
  const kept = known.map((uid, place) => ({ uid, place })).filter(({ uid }) => !asked.has(uid));
  const changed = withEntries(
    state,
    kept.map(({ place }) => place),
  );
  return edited(
    changed,
    places.map((place) => ({ place, after: null })),
  );
}

/**
 * Behind another entry of the same kind, or to the front of its kind.
 * @returns `session.entry-not-found` when either is not waiting (any more)
 */
export function moveEntry<State extends QueueState>(state: State, uid: string, after: string | null): Changed<State> {
  if (uid === after) return ok(state);
  const known = uidsOf(state.queue);
  const from = known.indexOf(uid);
  if (from >= 0) {
    const order = known.map((_, place) => place).toSpliced(from, 1);
    const anchor = after === null ? -1 : known.indexOf(after);
    if (after !== null && anchor < 0) return notFound(after);
    order.splice(after === null ? 0 : order.indexOf(anchor) + 1, 0, from);
    return ok(withEntries(state, order));
  }
  const place = remainingPlace(state, uid);
  if (place === null) return notFound(uid);
  const anchor = after === null ? state.queue.index : remainingPlace(state, after);
  if (anchor === null) return notFound(after ?? uid);
  return edited(state, [{ place, after: anchor }]);
}

/** Nothing that people have put in is left; the context and what plays stay. */
export function clearEntries<State extends QueueState>(state: State): State {
  return withEntries(state, []);
}

/** @param order places of `upNext` that stay, in their new order */
function withEntries<State extends QueueState>(state: State, order: readonly number[]): State {
  const { queue } = state;
  const uids = uidsOf(queue);
  const upNext = order.flatMap((place) => queue.upNext[place] ?? []);
  const upNextUids = order.flatMap((place) => uids[place] ?? []);
  return { ...state, queue: { ...queue, upNext, upNextUids } };
}

/** A place of the context that is still to be played; null for one that was, plays, or was taken out. */
function remainingPlace({ queue, shuffleSeed, repeat }: QueueState, uid: string): number | null {
  const place = contextPlaceOf(uid);
  if (place === null || place === queue.index) return null;
  const order = contextOrder(queue, shuffleSeed);
  const at = order.indexOf(place);
  const isAhead = at > order.indexOf(queue.index);
  // A context that goes round comes to all of it again.
  return at >= 0 && (isAhead || repeat !== 'off') ? place : null;
}

function edited<State extends QueueState>(state: State, added: readonly QueueEdit[]): Changed<State> {
  if (added.length === 0) return ok(state);
  const edits = [...(state.queue.edits ?? []), ...added];
  if (edits.length > EDITS_MAX) {
    const message = `the order of what plays was changed ${EDITS_MAX} times; play it anew`;
    return refused(new TonearmError('session.queue-full', message));
  }
  return ok({ ...state, queue: { ...state.queue, edits } });
}

function notFound(uid: string): Result<never, TonearmError> {
  const message = `"${uid}" does not wait in the queue; it may have been played or taken out`;
  return refused(new TonearmError('session.entry-not-found', message, { field: 'uid' }));
}
