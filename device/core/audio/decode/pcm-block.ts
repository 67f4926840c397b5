/** Decoded audio on its way to the mixer. One block per reader is reused for all of them: nothing is allocated as music plays. */
import type { Frames } from '#protocol/vocabulary/units';

export interface PcmBlock {
  /** Interleaved stereo, nominally ±1; valid until the next read. */
  readonly samples: Float32Array;
  /** First frame of `samples` that belongs to the block. */
  readonly offsetFrames: number;
  readonly countFrames: number;
  /** Position in the track of the block's first frame. */
  readonly positionFrames: Frames;
  /** Silence in the place of a packet that could not be decoded. */
  readonly isConcealed: boolean;
}

/** What a read gives. */
export type ReadOutcome =
  | { readonly kind: 'block'; readonly block: PcmBlock }
  /** The segment is not held yet (or was found corrupt and is on its way again). */
  | { readonly kind: 'missing' }
  | { readonly kind: 'ended' };
