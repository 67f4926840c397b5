/** What the deck can be in: each variant holds exactly what exists then. */
import type { TrackId } from '#protocol/vocabulary/ids';
import type { Frames } from '#protocol/vocabulary/units';
import type { PlayTag } from './playout/play-tag.ts';
import type { TrackSlot } from './track-slot.ts';

export type DeckState =
  | { readonly kind: 'idle' }
  | Loading
  | Running
  | { readonly kind: 'failed'; readonly generation: number };

/** Waits for enough to be held; what was heard before still sounds. */
export interface Loading {
  readonly kind: 'loading';
  readonly generation: number;
  readonly slot: TrackSlot;
  readonly positionFrames: Frames;
  readonly next: TrackSlot | null;
  /** `ready` was told before: the device went away and came back. */
  readonly isReadyTold: boolean;
}

export interface Running {
  readonly kind: 'running';
  readonly generation: number;
  readonly slot: TrackSlot;
  readonly tag: PlayTag;
  readonly startFrames: Frames;
  readonly next: TrackSlot | null;
  /** The track before, while its last frames are still in the device. */
  readonly before: { readonly slot: TrackSlot; readonly tag: PlayTag } | null;
  /** What has been told of running out: nothing yet, starved, or ended. */
  readonly told: 'nothing' | 'starved' | 'ended';
}

/**
 * The track that the listener knows as current, and what follows it: the one before, while the join is not heard yet.
 * What was armed behind the join is closed, since the listener has armed nothing behind the track it knows of.
 */
export function heardTrack(state: Running): { readonly slot: TrackSlot; readonly next: TrackSlot | null } {
  if (state.before === null) return state;
  state.next?.close();
  return { slot: state.before.slot, next: state.slot };
}

/** What was armed for a track that is now to be played, or is mixed though not heard yet: nothing of it is fetched twice. */
export function preparedSlot(state: DeckState, trackId: TrackId): TrackSlot | null {
  if (!isActive(state)) return null;
  const isUnheard = state.kind === 'running' && state.before !== null;
  const slot = isUnheard ? state.slot : state.next;
  return slot !== null && slot.trackId === trackId && slot.failure === null ? slot : null;
}

/** A track is loaded: it plays, or will. */
export function isActive(state: DeckState): state is Loading | Running {
  return state.kind === 'loading' || state.kind === 'running';
}
