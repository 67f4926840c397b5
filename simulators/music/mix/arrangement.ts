/** A piece as the mixer gets it: who plays what, where they sit, and the room they sit in. */
import type { DelayOptions } from '../effects/ping-pong-delay.ts';
import type { ReverbOptions } from '../effects/reverb.ts';
import type { Instrument } from '../instruments/instrument.ts';
import type { Note } from '../score/note.ts';
import type { TempoMark } from '../score/tempo.ts';
import type { StereoBuffer } from './stereo-buffer.ts';

/** Levels over time, in straight lines between points; before the first and after the last it stays. */
export type LevelCurve = readonly (readonly [beat: number, decibels: number])[];

/** What an effect may ask about the piece. */
export interface MixContext {
  secondsAt(beat: number): number;
  /** Frame of a beat. */
  frameAt(beat: number): number;
}

export interface Part {
  readonly instrument: Instrument;
  readonly notes: readonly Note[];
  readonly decibels: number;
  /** -1 to 1; on top of where the instrument itself places its notes. */
  readonly place?: number;
  /** How much goes to the room and to the echo, 0 to 1. */
  readonly reverb?: number;
  readonly delay?: number;
  readonly level?: LevelCurve;
  /** Where the second of two `swingBeats` steps falls: 0.5 is straight. */
  readonly swing?: { readonly stepBeats: number; readonly amount: number };
  /** Greatest unevenness, in seconds; 0 for machines. */
  readonly looseness?: number;
  /** Effects over the whole part, in order. */
  readonly effects?: readonly ((bus: StereoBuffer, context: MixContext) => void)[];
}

export interface Arrangement {
  readonly seed: number;
  /** Added to the mix above some 3 kHz, for pieces whose instruments are dark. */
  readonly airDecibels: number;
  readonly tempo: readonly TempoMark[];
  /** End of the last note that is held. */
  readonly beats: number;
  /** What rings after it. */
  readonly tailSeconds: number;
  readonly parts: readonly Part[];
  readonly reverb: ReverbOptions;
  /** `seconds` of one echo. */
  readonly delay: DelayOptions;
  /** Beats at which the piece is cut into files; each begins exactly there. */
  readonly cuts: readonly number[];
}
