/** On which side of a recording something is heard, and when: how hard-panned material is timed. */
import type { Recording } from '#sim/processes/recorder';

export type Side = 'left' | 'right';

/** Of 32,768: what is softer counts as silence. */
export const LOUD_ABOVE = 100;

export function otherSide(side: Side): Side {
  return side === 'left' ? 'right' : 'left';
}

/** First frame from `fromFrame` on that is loud on that side (on any, when none is given); undefined: there is none. */
export function onsetOn(
  recording: Recording,
  side: Side | null,
  fromFrame: number,
  loudAbove = LOUD_ABOVE,
): number | undefined {
  for (let frame = Math.max(0, fromFrame); frame < recording.frameCount; frame += 1) {
    if (isLoud(recording, side, frame, loudAbove)) return frame;
  }
  return undefined;
}

/** The loudest sample of a side (of both, when none is given) before a frame, of 32,768. */
export function peakBefore(recording: Recording, side: Side | null, toFrame: number): number {
  let peak = 0;
  for (let frame = 0; frame < Math.min(recording.frameCount, toFrame); frame += 1) {
    peak = Math.max(peak, levelAt(recording, side, frame));
  }
  return peak;
}

/** Last loud frame before `toFrame`; undefined: there is none. */
export function lastLoudBefore(recording: Recording, side: Side | null, toFrame: number): number | undefined {
  for (let frame = Math.min(recording.frameCount, toFrame) - 1; frame >= 0; frame -= 1) {
    if (isLoud(recording, side, frame)) return frame;
  }
  return undefined;
}

function isLoud(recording: Recording, side: Side | null, frame: number, loudAbove = LOUD_ABOVE): boolean {
  return levelAt(recording, side, frame) > loudAbove;
}

function levelAt({ samples }: Recording, side: Side | null, frame: number): number {
  const [left, right] = [Math.abs(samples[frame * 2] ?? 0), Math.abs(samples[frame * 2 + 1] ?? 0)];
  return side === null ? Math.max(left, right) : side === 'left' ? left : right;
}
