/** Filters over a whole part: taking the mud out below, moving brightness, the body of a guitar. */
import { MUSIC_RATE_HZ, type StereoBuffer } from '../mix/stereo-buffer.ts';

/** A moving filter's coefficients are recomputed this often. */
const CONTROL_FRAMES = 32;

/** Two poles: 12 dB per octave below `hz`. */
export function highPass(buffer: StereoBuffer, hz: number): void {
  for (const channel of [buffer.left, buffer.right]) stateVariable(channel, () => hz, Math.SQRT1_2, 'high');
}

const AIR_HZ = 3_000;

/** Raises what is above some 3 kHz by up to `decibels`, gently: one pole. */
export function addAir(buffer: StereoBuffer, decibels: number): void {
  const more = 10 ** (decibels / 20) - 1;
  const open = 1 - Math.exp((-2 * Math.PI * AIR_HZ) / MUSIC_RATE_HZ);
  for (const channel of [buffer.left, buffer.right]) {
    let low = 0;
    for (let frame = 0; frame < channel.length; frame += 1) {
      const sample = channel[frame] ?? 0;
      low += open * (sample - low);
      channel[frame] = sample + more * (sample - low);
    }
  }
}

/** @param hzAt cutoff at a time in seconds; at any moment the same on both sides */
export function movingLowPass(buffer: StereoBuffer, hzAt: (seconds: number) => number, resonance = 0.9): void {
  for (const channel of [buffer.left, buffer.right]) stateVariable(channel, hzAt, resonance, 'low');
}

/** A peak of `gain` (linear, above what was there) around `hz`: one mode of a wooden body. */
export function addResonance(buffer: StereoBuffer, hz: number, resonance: number, gain: number): void {
  for (const channel of [buffer.left, buffer.right]) {
    const copy = channel.slice();
    stateVariable(copy, () => hz, resonance, 'band');
    for (let frame = 0; frame < channel.length; frame += 1) {
      channel[frame] = (channel[frame] ?? 0) + (copy[frame] ?? 0) * gain;
    }
  }
}

type Output = 'low' | 'band' | 'high';

/** Zavalishin 2012, section 3.10: stable however fast its cutoff moves. */
function stateVariable(
  channel: Float32Array,
  hzAt: (seconds: number) => number,
  resonance: number,
  output: Output,
): void {
  const damping = 1 / resonance;
  let warped = 0;
  let solved = 0;
  let low = 0;
  let band = 0;
  for (let start = 0; start < channel.length; start += CONTROL_FRAMES) {
    warped = Math.tan((Math.PI * Math.min(hzAt(start / MUSIC_RATE_HZ), 20_000)) / MUSIC_RATE_HZ);
    solved = 1 / (1 + warped * (warped + damping));
    const end = Math.min(channel.length, start + CONTROL_FRAMES);
    for (let frame = start; frame < end; frame += 1) {
      const sample = channel[frame] ?? 0;
      const input = sample - low;
      const passed = solved * (band + warped * input);
      const lower = low + warped * passed;
      band = 2 * passed - band;
      low = 2 * lower - low;
      channel[frame] =
        output === 'low' ? lower : output === 'band' ? passed * damping : sample - damping * passed - lower;
    }
  }
}
