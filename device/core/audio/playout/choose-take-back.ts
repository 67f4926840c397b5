/**
 * What is done with the sound that waits in the device when a change comes.
 *
 * A change should be heard at once, not after what waits. Where the device gives frames back they are used again. Where
 * it does not, throwing them away is as quick, at the price of an edge in the sound: a listener who pressed a button
 * expects one, so it is paid for pause, seek and skip, and not for the volume, which would crackle under a moving finger.
 */

/** Sound that may go on after a change before that is worth an edge: 15 ms. */
export const WAITING_FRAMES_TOLERATED = 720;

/** `resume` after a pause whose fade is still on its way out; `replace` for load, seek and skip. */
export type PlayoutChange = 'pause' | 'resume' | 'replace' | 'volume';

export interface DeviceFacts {
  /** As granted; false also once it was tried and nothing came back. */
  readonly canRewind: boolean;
  /** Frames in the device that are not heard yet. */
  readonly waitingFrames: number;
}

export type TakeBack =
  | { readonly kind: 'rewind'; readonly reason: 'device-gives-back' }
  | { readonly kind: 'drop'; readonly reason: 'would-be-heard-late' }
  | { readonly kind: 'leave'; readonly reason: 'nothing-waits' | 'soon-heard' | 'an-edge-is-worse' };

export function chooseTakeBack(change: PlayoutChange, { canRewind, waitingFrames }: DeviceFacts): TakeBack {
  if (waitingFrames === 0) return { kind: 'leave', reason: 'nothing-waits' };
  if (canRewind) return { kind: 'rewind', reason: 'device-gives-back' };
  if (waitingFrames <= WAITING_FRAMES_TOLERATED) return { kind: 'leave', reason: 'soon-heard' };
  if (change === 'volume' || change === 'resume') return { kind: 'leave', reason: 'an-edge-is-worse' };
  return { kind: 'drop', reason: 'would-be-heard-late' };
}
