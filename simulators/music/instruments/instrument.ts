/** What the mixer asks of everything that makes a sound. */
import type { StereoBuffer } from '../mix/stereo-buffer.ts';
import type { Noise } from '../score/noise.ts';

/** One note, in the instrument's own terms. */
export interface Key {
  readonly hz: number;
  /** MIDI number; for drums the place in the kit. */
  readonly pitch: number;
  /** How long the key is down; the sound may go on after it. */
  readonly heldFrames: number;
  /** 0 to 1. */
  readonly velocity: number;
}

export interface Instrument {
  /** Adds the note to `bus` from frame `start` on; what does not fit is cut off. */
  play(bus: StereoBuffer, start: number, key: Key, noise: Noise): void;
}
