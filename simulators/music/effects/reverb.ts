/**
 * A room: eight delay lines that feed each other through an orthogonal matrix (Jot 1991), so that nothing is lost but
 * what the damping takes. All of them wander a little, or a long tail would ring like a bottle.
 */

import { sineOfTurns } from '../instruments/sine-table.ts';
import { MUSIC_RATE_HZ, type StereoBuffer } from '../mix/stereo-buffer.ts';

export interface ReverbOptions {
  /** Time to fall by 60 dB. */
  readonly seconds: number;
  /** 0 (stone) to 0.9 (curtains): how much sooner the high parts die. */
  readonly damping: number;
  readonly preDelaySeconds: number;
}

/** Primes: no two lines ever come round together. Long, so that modes lie close and a held note finds no bottle to blow. */
const LINE_FRAMES = [2_393, 2_749, 3_163, 3_571, 4_049, 4_519, 5_003, 5_557] as const;
const LINES = LINE_FRAMES.length;
const LINE_SIZE = 8_192;
const LINE_MASK = LINE_SIZE - 1;
/** Smears clicks into the room before the lines do. */
const DIFFUSER_FRAMES = [142, 379, 277, 107] as const;
const DIFFUSION = 0.65;
const WANDER_FRAMES = 14;
/** Of the slowest line; each of the others wanders a little faster than the one before. */
const WANDER_HZ = 0.31;
const WANDER_HZ_STEP = 0.083;
/** Of a Hadamard matrix of eight. */
const MATRIX_GAIN = 1 / Math.sqrt(LINES);
/** So that a send of 1 is about as loud as what was sent. */
const OUT_GAIN = 0.9;
const CONTROL_FRAMES = 64;

/** @returns the room's answer to `send`, which is used up */
export function reverb(send: StereoBuffer, options: ReverbOptions): StereoBuffer {
  const { left, right } = send;
  diffuse(left, 0);
  diffuse(right, 23);
  const preDelay = Math.round(options.preDelaySeconds * MUSIC_RATE_HZ);
  const lines = LINE_FRAMES.map(() => new Float32Array(LINE_SIZE));
  const lengths = Float64Array.from(LINE_FRAMES);
  const slopes = new Float64Array(LINES);
  const gains = Float64Array.from(LINE_FRAMES, (frames) => 10 ** ((-3 * frames) / (options.seconds * MUSIC_RATE_HZ)));
  const lows = new Float64Array(LINES);
  const taps = new Float64Array(LINES);
  const keep = 1 - options.damping;
  const outLeft = new Float32Array(left.length);
  const outRight = new Float32Array(left.length);
  for (let frame = 0; frame < left.length; frame += 1) {
    if (frame % CONTROL_FRAMES === 0) wander(frame, lengths, slopes);
    for (let line = 0; line < LINES; line += 1) {
      const store = lines[line];
      const length = (lengths[line] ?? 0) + (slopes[line] ?? 0);
      lengths[line] = length;
      const whole = Math.floor(length);
      const near = store?.[(frame - whole) & LINE_MASK] ?? 0;
      const far = store?.[(frame - whole - 1) & LINE_MASK] ?? 0;
      const tap = near + (far - near) * (length - whole);
      const low = keep * tap + options.damping * (lows[line] ?? 0);
      lows[line] = low;
      taps[line] = low * (gains[line] ?? 0);
    }
    outLeft[frame] = ((taps[0] ?? 0) + (taps[2] ?? 0) + (taps[4] ?? 0) + (taps[6] ?? 0)) * OUT_GAIN;
    outRight[frame] = ((taps[1] ?? 0) + (taps[3] ?? 0) + (taps[5] ?? 0) + (taps[7] ?? 0)) * OUT_GAIN;
    mix(taps);
    const inLeft = frame >= preDelay ? (left[frame - preDelay] ?? 0) : 0;
    const inRight = frame >= preDelay ? (right[frame - preDelay] ?? 0) : 0;
    for (let line = 0; line < LINES; line += 1) {
      const store = lines[line];
      if (store !== undefined) store[frame & LINE_MASK] = (taps[line] ?? 0) + (line % 2 === 0 ? inLeft : inRight) * 0.5;
    }
  }
  return { left: outLeft, right: outRight };
}

/** Sets how much each line grows or shrinks per frame until the next call: a straight way to where its sine will be. */
function wander(frame: number, lengths: Float64Array, slopes: Float64Array): void {
  const then = (frame + CONTROL_FRAMES) / MUSIC_RATE_HZ;
  for (let line = 0; line < LINES; line += 1) {
    const sway = sineOfTurns(then * (WANDER_HZ + WANDER_HZ_STEP * line) + line / LINES);
    const goal = (LINE_FRAMES[line] ?? 0) + WANDER_FRAMES * sway;
    slopes[line] = (goal - (lengths[line] ?? 0)) / CONTROL_FRAMES;
  }
}

/** Fast Hadamard transform in place. */
function mix(taps: Float64Array): void {
  for (let half = 1; half < LINES; half *= 2) {
    for (let start = 0; start < LINES; start += half * 2) {
      for (let place = start; place < start + half; place += 1) {
        const one = taps[place] ?? 0;
        const other = taps[place + half] ?? 0;
        taps[place] = one + other;
        taps[place + half] = one - other;
      }
    }
  }
  for (let line = 0; line < LINES; line += 1) taps[line] = (taps[line] ?? 0) * MATRIX_GAIN;
}

/** Schroeder's all-pass filters in a row. @param more frames by which this side's differ from the other's */
function diffuse(channel: Float32Array, more: number): void {
  for (const frames of DIFFUSER_FRAMES) {
    const length = frames + more;
    const line = new Float32Array(length);
    let place = 0;
    for (let frame = 0; frame < channel.length; frame += 1) {
      const stored = line[place] ?? 0;
      const sum = (channel[frame] ?? 0) - DIFFUSION * stored;
      line[place] = sum;
      channel[frame] = stored + DIFFUSION * sum;
      place += 1;
      if (place === length) place = 0;
    }
  }
}
