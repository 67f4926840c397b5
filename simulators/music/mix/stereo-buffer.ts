/** Two channels of one length, in ±1 but not yet limited: what instruments add to and effects change. */
export interface StereoBuffer {
  readonly left: Float32Array;
  readonly right: Float32Array;
}

export const MUSIC_RATE_HZ = 48_000;

export function createStereoBuffer(frames: number): StereoBuffer {
  return { left: new Float32Array(frames), right: new Float32Array(frames) };
}

/** Adds `from` times `gain`; both are as long as the shorter. */
export function addInto(to: StereoBuffer, from: StereoBuffer, gain: number): void {
  const frames = Math.min(to.left.length, from.left.length);
  addChannel(to.left, from.left, gain, frames);
  addChannel(to.right, from.right, gain, frames);
}

function addChannel(to: Float32Array, from: Float32Array, gain: number, frames: number): void {
  for (let frame = 0; frame < frames; frame += 1) to[frame] = (to[frame] ?? 0) + (from[frame] ?? 0) * gain;
}

/** Gains of the two sides for a place from -1 (left) to 1 (right), of equal power everywhere. */
export function panGains(place: number): readonly [left: number, right: number] {
  const angle = ((Math.max(-1, Math.min(1, place)) + 1) * Math.PI) / 4;
  return [Math.cos(angle) * Math.SQRT2, Math.sin(angle) * Math.SQRT2];
}

export function gainOf(decibels: number): number {
  return 10 ** (decibels / 20);
}
