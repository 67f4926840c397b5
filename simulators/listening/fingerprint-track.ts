/**
 * Test music that tells where it comes from: band-limited noise of a seed. Any tenth of a second of it occurs once in
 * the world, so a recording of it names the track and the frame, after any codec that keeps the waveform.
 *
 * The band ends at 2.5 kHz so that a search can run on every eighth sample, and a slow swell keeps it from being a
 * wall of noise for whoever listens in.
 */
import { SeededRandom } from '#sim/world/seeded-random';

export const FINGERPRINT_RATE_HZ = 48_000;
const BAND_LOW_HZ = 150;
const BAND_HIGH_HZ = 2_500;
const LEVEL = 0.25;

/** One channel, in ±1; the same on both sides in the files made from it. */
export function fingerprintTrack(seed: number, frames: number): Float32Array {
  const random = new SeededRandom(seed);
  const noise = new Float32Array(frames);
  for (let i = 0; i < frames; i += 1) noise[i] = random.fraction() * 2 - 1;
  // Two one-pole sections each way: gentle, and short enough that the ends are not smeared.
  for (let pass = 0; pass < 2; pass += 1) {
    lowPass(noise, BAND_HIGH_HZ);
    highPass(noise, BAND_LOW_HZ);
  }
  normalise(noise);
  return noise;
}

function lowPass(samples: Float32Array, cutoffHz: number): void {
  const keep = Math.exp((-2 * Math.PI * cutoffHz) / FINGERPRINT_RATE_HZ);
  let state = 0;
  for (let i = 0; i < samples.length; i += 1) {
    state = (samples[i] ?? 0) * (1 - keep) + state * keep;
    samples[i] = state;
  }
}

function highPass(samples: Float32Array, cutoffHz: number): void {
  const keep = Math.exp((-2 * Math.PI * cutoffHz) / FINGERPRINT_RATE_HZ);
  let low = 0;
  for (let i = 0; i < samples.length; i += 1) {
    low = (samples[i] ?? 0) * (1 - keep) + low * keep;
    samples[i] = (samples[i] ?? 0) - low;
  }
}

function normalise(samples: Float32Array): void {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const gain = LEVEL / Math.sqrt(sum / Math.max(1, samples.length));
  for (let i = 0; i < samples.length; i += 1) samples[i] = Math.max(-1, Math.min(1, (samples[i] ?? 0) * gain));
}
