/**
 * Which frame is heard when, and how much silence goes before a start at an instant. Pure.
 *
 * A device is fed little while it leads in to a start: what waits in it is silence that cannot become music any more, and
 * the later the start is placed, the better is known how late the device is.
 */
import type { AudioSinkDelay } from '#device/core/ports/audio-sink';
import { FRAMES_PER_SECOND, FRAMES_PER_US, type Ms, ms, type Us } from '#protocol/vocabulary/units';

/** 100 ms: four looks at the device, as while music plays; a stall of a busy thread may be as long. */
const LEAD_IN_FRAMES = FRAMES_PER_SECOND / 10;
/** 50 ms: two looks at the device. */
const PLACED_WITHIN_FRAMES = FRAMES_PER_SECOND / 20;
/** A start is not placed further ahead than a person would wait; a broken clock must not silence a speaker for ever. */
const SILENCE_FRAMES_MAX = 5 * FRAMES_PER_SECOND;

/** A start that is nearer than this cannot be led in to: it is moved on along its line. */
export const START_LEAD: Ms = ms(90);

/** @param sentFrames given to the device so far @returns the frame, counted as those are, that is heard at `atUs` */
export function frameHeardAt(atUs: Us, delay: AudioSinkDelay, sentFrames: number): number {
  return Math.round(sentFrames - delay.delayFrames + (atUs - delay.atUs) * FRAMES_PER_US);
}

export interface LeadInFacts {
  readonly toSentFrames: number;
  /** Silence made already and not given to the device. */
  readonly toWaitingFrames: number;
  readonly inDeviceFrames: number;
  readonly periodFrames: number;
  readonly bufferFrames: number;
}

/** @param startFrame the frame that is heard at the start @returns frames of silence to add, and whether the programme follows them */
export function leadInFrames(
  startFrame: number,
  facts: LeadInFacts,
): { readonly countFrames: number; readonly isLast: boolean } {
  const { toSentFrames, toWaitingFrames, inDeviceFrames, periodFrames, bufferFrames } = facts;
  const missing = startFrame - toSentFrames - toWaitingFrames;
  if (missing <= PLACED_WITHIN_FRAMES) return { countFrames: Math.max(0, missing), isLast: true };
  if (missing > SILENCE_FRAMES_MAX) return { countFrames: 0, isLast: true };
  const held = Math.min(bufferFrames, Math.max(LEAD_IN_FRAMES, 2 * periodFrames));
  const wanted = held - inDeviceFrames - toWaitingFrames;
  return { countFrames: Math.max(0, Math.min(Math.round(wanted), missing - PLACED_WITHIN_FRAMES)), isLast: false };
}
