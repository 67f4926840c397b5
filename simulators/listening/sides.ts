/** On which side of a recording something is heard, and when: how hard-panned material is timed. */
import type { Recording } from '#sim/processes/recorder';

export type Side = 'left' | 'right';

/** Of 32,768: what is softer counts as silence. */
const LOUD_ABOVE = 100;

export function otherSide(side: Side): Side {
  return side === 'left' ? 'right' : 'left';
}

/** First frame from `fromFrame` on that is loud on that side (on any, when none is given); undefined: there is none. */
export function onsetOn(recording: Recording, side: Side | null, fromFrame: number): number | undefined {
  for (let frame = Math.max(0, fromFrame); frame < recording.frameCount; frame += 1) {
    if (isLoud(recording, side, frame)) return frame;
  }
  return undefined;
}

/** Last loud frame before `toFrame`; undefined: there is none. */
export function lastLoudBefore(recording: Recording, side: Side | null, toFrame: number): number | undefined {
  for (let frame = Math.min(recording.frameCount, toFrame) - 1; frame >= 0; frame -= 1) {
    if (isLoud(recording, side, frame)) return frame;
  }
  return undefined;
}

function isLoud({ samples }: Recording, side: Side | null, frame: number): boolean {
  const left = Math.abs(samples[frame * 2] ?? 0) > LOUD_ABOVE;
  const right = Math.abs(samples[frame * 2 + 1] ?? 0) > LOUD_ABOVE;
  return side === null ? left || right : side === 'left' ? left : right;
}
