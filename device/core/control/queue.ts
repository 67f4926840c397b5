/**
 * What plays next, as pure arithmetic on the session's queue.
 *
 * A step names how the queue moves (`interlude`, `context`, `repeat`) apart from moving it, because the engine is told
 * of the next track long before it is reached: people may reorder meanwhile, and the step is then applied to the queue
 * as it is, not to a copy of what it was.
 */
import { contextOrder, seedBeginningAt } from '#protocol/kit/play-order';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type PlayQueue, type SessionState, UP_NEXT_MAX } from '#protocol/wire/playback-state';

/** Digits and letters: the shortest names that a uid may have. */
const UID_RADIX = 36;

/** The part of a session that says what plays in which order, and whose it is. */
export type QueueState = Pick<SessionState, 'queue' | 'shuffleSeed' | 'repeat' | 'accountId'>;

export type QueueStep =
  /** The same track again. */
  | { readonly kind: 'repeat' }
  /** A track that somebody put in front of the context. */
  | { readonly kind: 'interlude'; readonly trackId: TrackId }
  /** A track of the context, by its place in `trackIds`. */
  | { readonly kind: 'context'; readonly index: number };

/** `ended`: the track was heard to its end. `asked`: somebody wants the next one now, also when a track repeats. */
export type AdvanceCause = 'ended' | 'asked';

/** @returns what should be playing; null when the queue is empty, or its index points nowhere */
export function currentTrack(state: QueueState): TrackId | null {
  return state.queue.interlude ?? state.queue.trackIds[state.queue.index] ?? null;
}

/** @returns the step to what comes after the current track; null at the end */
export function planAdvance(state: QueueState, cause: AdvanceCause): QueueStep | null {
  if (currentTrack(state) === null) return null;
  if (state.repeat === 'track' && cause === 'ended') return { kind: 'repeat' };
  const [waiting] = state.queue.upNext;
  if (waiting !== undefined) return { kind: 'interlude', trackId: waiting };
  return stepInContext(state, 1);
}

/** @returns the step to what came before; null at the beginning */
export function planReturn(state: QueueState): QueueStep | null {
  // An interlude stands between the current track of the context and the next: back from it is that track.
  if (state.queue.interlude !== null) {
    return state.queue.index < state.queue.trackIds.length ? { kind: 'context', index: state.queue.index } : null;
  }
  return stepInContext(state, -1);
}

function stepInContext(state: QueueState, by: 1 | -1): QueueStep | null {
  const order = contextOrder(state.queue, state.shuffleSeed);
  const target = order.indexOf(state.queue.index) + by;
  // A track that repeats is left only because somebody asked, and then the context goes round.
  const isRound = state.repeat !== 'off';
  const index = order[isRound ? (target + order.length) % order.length : target];
  return index === undefined ? null : { kind: 'context', index };
}

/** @returns the track that `step` leads to; null when the queue has changed so that it leads nowhere */
export function trackOfStep(state: QueueState, step: QueueStep): TrackId | null {
  switch (step.kind) {
    case 'repeat':
      return currentTrack(state);
    case 'interlude':
      return step.trackId;
    case 'context':
      return state.queue.trackIds[step.index] ?? null;
  }
}

/** The queue after `step` was taken. */
export function applyStep<State extends QueueState>(state: State, step: QueueStep): State {
  const { queue } = state;
  switch (step.kind) {
    case 'repeat':
      return state;
    case 'interlude': {
      const place = queue.upNext.indexOf(step.trackId);
      const rest = place < 0 ? queue : withoutEntry(queue, place);
      return { ...state, queue: { ...rest, interlude: step.trackId } };
    }
    case 'context':
      return { ...state, queue: { ...queue, index: step.index, interlude: null } };
  }
}

/** Back to the first track in playing order, with nothing in between: where a queue that was heard to its end waits. */
export function rewind<State extends QueueState>(state: State): State {
  const first = contextOrder(state.queue, state.shuffleSeed)[0] ?? 0;
  return { ...state, queue: { ...state.queue, index: first, interlude: null } };
}

function withoutEntry(queue: PlayQueue, place: number): PlayQueue {
  const upNext = queue.upNext.toSpliced(place, 1);
  return { ...queue, upNext, ...(queue.upNextUids && { upNextUids: queue.upNextUids.toSpliced(place, 1) }) };
}

/** What is put into the queue, and where. */
export interface Addition {
  readonly trackIds: readonly TrackId[];
  /** In front of what people have put in before, or behind it. */
  readonly isNext: boolean;
  /** Uniform in [0, 1), from a Random: names the entries. */
  readonly fraction: number;
}

/** Refused with `session.queue-full`, and nothing added, when more than `UP_NEXT_MAX` tracks would wait. */
export function addTracks<State extends QueueState>(state: State, addition: Addition): Result<State, TonearmError> {
  const { queue } = state;
  const { trackIds, isNext, fraction } = addition;
  if (queue.upNext.length + trackIds.length > UP_NEXT_MAX) {
    const message = `${queue.upNext.length} tracks wait in the queue, which holds ${UP_NEXT_MAX}; let some be played first`;
    return refused(new TonearmError('session.queue-full', message));
  }
  const before = uidsOf(queue);
  const uids = newUids(trackIds.length, fraction, new Set(before));
  const place = isNext ? 0 : queue.upNext.length;
  const upNext = queue.upNext.toSpliced(place, 0, ...trackIds);
  return ok({ ...state, queue: { ...queue, upNext, upNextUids: before.toSpliced(place, 0, ...uids) } });
}

/** The names of the entries; an older writer knew of none, and its entries are named by their places. */
export function uidsOf({ upNext, upNextUids }: PlayQueue): readonly string[] {
  return upNext.map((_, place) => upNextUids?.[place] ?? `u-${place}`);
}

/** Names that no entry has had: from chance, so that no counter has to go with the session from speaker to speaker. */
function newUids(count: number, fraction: number, taken: ReadonlySet<string>): readonly string[] {
  const stem = `u${Math.floor(fraction * Number.MAX_SAFE_INTEGER).toString(UID_RADIX)}`;
  const uids: string[] = [];
  for (let number = 0; uids.length < count; number += 1) {
    const uid = number === 0 ? stem : `${stem}-${number}`;
    if (!taken.has(uid)) uids.push(uid);
  }
  return uids;
}

/**
 * Shuffle on (the context's current track becomes the first of the new order) or off (the context's own order goes on
 * from the current track). On when it is on keeps the order.
 * @param fraction uniform in [0, 1), from a Random
 */
export function switchShuffle<State extends QueueState>(state: State, isOn: boolean, fraction: number): State {
  if (isOn === (state.shuffleSeed !== null)) return state;
  const { index, trackIds } = state.queue;
  const shuffleSeed = isOn ? seedBeginningAt(index, trackIds.length, fraction) : null;
  if (state.queue.edits === undefined) return { ...state, shuffleSeed };
  // Who put a track behind another meant the order that was; what was taken out stays out.
  const edits = state.queue.edits.filter((edit) => edit.after === null);
  return { ...state, shuffleSeed, queue: { ...state.queue, edits } };
}
