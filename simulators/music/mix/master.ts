/** From a mix to what is written to a file: one loudness for the whole album, no peak above a ceiling, 16 bits. */
import { highPass } from '../effects/filters.ts';
import { createNoise } from '../score/noise.ts';
import { integratedLoudness } from './loudness.ts';
import { gainOf, MUSIC_RATE_HZ, type StereoBuffer } from './stereo-buffer.ts';

/** What listeners of streamed music are used to, with room for dynamics. */
const TARGET_LUFS = -16;
/** Sample peaks; between samples a wave rises a little higher, and coders add a little more. */
const CEILING = gainOf(-2);
const LOOK_AHEAD_FRAMES = Math.round(MUSIC_RATE_HZ * 0.004);
const RELEASE_SECONDS = 0.12;
const SUBSONIC_HZ = 24;
const FADE_IN_FRAMES = 96;
const FADE_OUT_SECONDS = 0.6;
const FULL_SCALE = 32_767;
/** The limiter takes from the loudest moments, so what comes out is measured again. */
const LOUDNESS_ROUNDS = 2;

/** Both sides in 16 bits. */
export interface MasteredAudio {
  readonly left: Int16Array;
  readonly right: Int16Array;
}

/** @param mix is changed */
export function master(mix: StereoBuffer, seed: number): MasteredAudio {
  highPass(mix, SUBSONIC_HZ);
  fadeEnds(mix);
  for (let round = 0; round < LOUDNESS_ROUNDS; round += 1) {
    const gain = gainOf(TARGET_LUFS - integratedLoudness(mix));
    for (const channel of [mix.left, mix.right]) {
      for (let frame = 0; frame < channel.length; frame += 1) channel[frame] = (channel[frame] ?? 0) * gain;
    }
    limit(mix);
  }
  const noise = createNoise(seed);
  return { left: quantised(mix.left, noise), right: quantised(mix.right, noise) };
}

function fadeEnds({ left, right }: StereoBuffer): void {
  const frames = left.length;
  const fadeOut = Math.round(FADE_OUT_SECONDS * MUSIC_RATE_HZ);
  for (const channel of [left, right]) {
    for (let frame = 0; frame < FADE_IN_FRAMES; frame += 1) {
      channel[frame] = (channel[frame] ?? 0) * (frame / FADE_IN_FRAMES);
    }
    for (let back = 0; back < fadeOut; back += 1) {
      const place = frames - 1 - back;
      channel[place] = (channel[place] ?? 0) * (back / fadeOut) ** 2;
    }
  }
}

/** Turns down before a peak comes, both sides alike, and lets go slowly: nothing is clipped and nothing is heard of it. */
function limit({ left, right }: StereoBuffer): void {
  const frames = left.length;
  const release = Math.exp(-1 / (RELEASE_SECONDS * MUSIC_RATE_HZ));
  const needed = new Float32Array(frames + LOOK_AHEAD_FRAMES).fill(1);
  let isNeeded = false;
  for (let frame = 0; frame < frames; frame += 1) {
    const peak = Math.max(Math.abs(left[frame] ?? 0), Math.abs(right[frame] ?? 0));
    if (peak <= CEILING) continue;
    needed[frame] = CEILING / peak;
    isNeeded = true;
  }
  if (!isNeeded) return;
  // Backwards: a straight way down to each peak, so that the gain arrives where it must when it must.
  for (let frame = frames - 2; frame >= 0; frame -= 1) {
    needed[frame] = Math.min(needed[frame] ?? 1, (needed[frame + 1] ?? 1) + 1 / LOOK_AHEAD_FRAMES);
  }
  let gain = 1;
  for (let frame = 0; frame < frames; frame += 1) {
    gain = Math.min(needed[frame] ?? 1, 1 - (1 - gain) * release);
    left[frame] = (left[frame] ?? 0) * gain;
    right[frame] = (right[frame] ?? 0) * gain;
  }
}

/** With triangular dither of one step: what is too quiet for 16 bits becomes hiss instead of crackle. */
function quantised(channel: Float32Array, noise: () => number): Int16Array {
  const out = new Int16Array(channel.length);
  for (let frame = 0; frame < channel.length; frame += 1) {
    out[frame] = Math.round((channel[frame] ?? 0) * FULL_SCALE + (noise() + noise()) * 0.5);
  }
  return out;
}
