/** How loud people hear it: integrated loudness after ITU-R BS.1770-4 with the gates of EBU R128, for 48 kHz stereo. */
import { MUSIC_RATE_HZ, type StereoBuffer } from './stereo-buffer.ts';

/** The K-weighting's two biquads at 48 kHz, from the tables of BS.1770-4 annex 1: b0 b1 b2 a1 a2. */
const SHELF = [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585] as const;
const HIGH_PASS = [1, -2, 1, -1.99004745483398, 0.99007225036621] as const;
const OFFSET_LU = -0.691;
const BLOCK_FRAMES = MUSIC_RATE_HZ * 0.4;
/** Blocks overlap by three quarters. */
const STEP_FRAMES = MUSIC_RATE_HZ * 0.1;
const ABSOLUTE_GATE_LUFS = -70;
const RELATIVE_GATE_LU = -10;

/** @returns LUFS; minus infinity for silence */
export function integratedLoudness(buffer: StereoBuffer): number {
  const steps = Math.floor(buffer.left.length / STEP_FRAMES);
  const power = new Float64Array(steps);
  addWeightedPower(buffer.left, power);
  addWeightedPower(buffer.right, power);
  const stepsPerBlock = BLOCK_FRAMES / STEP_FRAMES;
  const blocks: number[] = [];
  for (let step = 0; step + stepsPerBlock <= steps; step += 1) {
    let sum = 0;
    for (let part = 0; part < stepsPerBlock; part += 1) sum += power[step + part] ?? 0;
    blocks.push(sum / BLOCK_FRAMES);
  }
  const audible = blocks.filter((block) => lufsOf(block) > ABSOLUTE_GATE_LUFS);
  const gate = lufsOf(mean(audible)) + RELATIVE_GATE_LU;
  return lufsOf(mean(audible.filter((block) => lufsOf(block) > gate)));
}

function addWeightedPower(channel: Float32Array, power: Float64Array): void {
  const [sb0, sb1, sb2, sa1, sa2] = SHELF;
  const [hb0, hb1, hb2, ha1, ha2] = HIGH_PASS;
  let s1 = 0;
  let s2 = 0;
  let h1 = 0;
  let h2 = 0;
  for (let step = 0; step < power.length; step += 1) {
    let sum = 0;
    for (let frame = step * STEP_FRAMES; frame < (step + 1) * STEP_FRAMES; frame += 1) {
      const input = (channel[frame] ?? 0) - sa1 * s1 - sa2 * s2;
      const shelved = sb0 * input + sb1 * s1 + sb2 * s2;
      s2 = s1;
      s1 = input;
      const inner = shelved - ha1 * h1 - ha2 * h2;
      const weighted = hb0 * inner + hb1 * h1 + hb2 * h2;
      h2 = h1;
      h1 = inner;
      sum += weighted * weighted;
    }
    power[step] = (power[step] ?? 0) + sum;
  }
}

function lufsOf(meanSquare: number): number {
  return OFFSET_LU + 10 * Math.log10(meanSquare);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
