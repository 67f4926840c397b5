/** What makes a sound that stands still move: chorus, a tremolo from side to side, and making room for the drum. */

import { sineOfTurns } from '../instruments/sine-table.ts';
import { MUSIC_RATE_HZ, type StereoBuffer } from '../mix/stereo-buffer.ts';

const CHORUS_LINE = 4_096;
const CHORUS_CENTRE_SECONDS = 0.014;
const CHORUS_DEPTH_SECONDS = 0.0032;

/** A second, wandering copy on each side, out of step with the other. @param amount 0 to 1 */
export function chorus(buffer: StereoBuffer, amount: number, hz = 0.6): void {
  chorusSide(buffer.left, amount, hz, 0);
  chorusSide(buffer.right, amount, hz, 0.25);
}

function chorusSide(channel: Float32Array, amount: number, hz: number, offset: number): void {
  const line = new Float32Array(CHORUS_LINE);
  const mask = CHORUS_LINE - 1;
  for (let frame = 0; frame < channel.length; frame += 1) {
    const sample = channel[frame] ?? 0;
    line[frame & mask] = sample;
    const wander = sineOfTurns((frame * hz) / MUSIC_RATE_HZ + offset);
    const delay = (CHORUS_CENTRE_SECONDS + CHORUS_DEPTH_SECONDS * wander) * MUSIC_RATE_HZ;
    const whole = Math.floor(delay);
    const fraction = delay - whole;
    const near = line[(frame - whole) & mask] ?? 0;
    const far = line[(frame - whole - 1) & mask] ?? 0;
    channel[frame] = sample * (1 - 0.3 * amount) + (near + (far - near) * fraction) * amount * 0.7;
  }
}

/** Level that wanders from side to side, as an electric piano's does. @param depth 0 to 1 */
export function autoPan(buffer: StereoBuffer, hz: number, depth: number): void {
  const { left, right } = buffer;
  for (let frame = 0; frame < left.length; frame += 1) {
    const place = depth * 0.5 * sineOfTurns((frame * hz) / MUSIC_RATE_HZ);
    left[frame] = (left[frame] ?? 0) * (1 + place);
    right[frame] = (right[frame] ?? 0) * (1 - place);
  }
}

const DUCK_ATTACK_SECONDS = 0.008;

/**
 * Steps back at each of `starts` and comes up again: the pulse of dance music.
 * @param depth how much is taken away at most, 0 to 1
 */
export function duck(buffer: StereoBuffer, starts: readonly number[], depth: number, seconds: number): void {
  const attack = DUCK_ATTACK_SECONDS * MUSIC_RATE_HZ;
  const frames = Math.round(seconds * MUSIC_RATE_HZ);
  for (const start of starts) {
    const end = Math.min(buffer.left.length, start + frames);
    for (let frame = Math.max(0, start); frame < end; frame += 1) {
      const age = frame - start;
      const back = age / frames;
      const gain = 1 - depth * (age < attack ? age / attack : (1 - back) * (1 - back));
      buffer.left[frame] = (buffer.left[frame] ?? 0) * gain;
      buffer.right[frame] = (buffer.right[frame] ?? 0) * gain;
    }
  }
}
