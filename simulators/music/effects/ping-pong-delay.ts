/** Echoes that jump from side to side and grow darker. */
import { MUSIC_RATE_HZ, type StereoBuffer } from '../mix/stereo-buffer.ts';

export interface DelayOptions {
  readonly seconds: number;
  /** 0 to below 1: how much of each echo comes back. */
  readonly feedback: number;
}

const DARKENING_HZ = 3_600;

/** @returns the echoes alone */
export function pingPongDelay(send: StereoBuffer, options: DelayOptions): StereoBuffer {
  const frames = send.left.length;
  const distance = Math.max(1, Math.round(options.seconds * MUSIC_RATE_HZ));
  const open = 1 - Math.exp((-2 * Math.PI * DARKENING_HZ) / MUSIC_RATE_HZ);
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  let lowLeft = 0;
  let lowRight = 0;
  for (let frame = distance; frame < frames; frame += 1) {
    const from = frame - distance;
    // All goes in on the left, so that the first echo and the second are never on one side.
    const input = ((send.left[from] ?? 0) + (send.right[from] ?? 0)) * 0.5;
    lowLeft += open * (input + (right[from] ?? 0) * options.feedback - lowLeft);
    lowRight += open * ((left[from] ?? 0) - lowRight);
    left[frame] = lowLeft;
    right[frame] = lowRight;
  }
  return { left, right };
}
