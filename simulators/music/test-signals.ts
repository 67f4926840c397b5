/**
 * Signals whose samples say where they come from, so that an assertion about audio can say which frame went wrong:
 * ramps and constants for exact paths, sines and sweeps for what goes through a codec.
 *
 * Each generator returns one channel in ±1; `hardPanned` and `stereo` put channels together.
 */
import type { WavAudio } from './wav-file.ts';

/** What Opus and every speaker here run at. */
export const SIGNAL_RATE_HZ = 48_000;

/** @param amplitude 0 to 1 */
export function sine(hz: number, frames: number, amplitude = 0.5, rate = SIGNAL_RATE_HZ): Float32Array {
  return generate(frames, (frame) => amplitude * Math.sin((2 * Math.PI * hz * frame) / rate));
}

/** A sweep whose pitch rises by equal musical steps in equal times; any part of it tells its place. */
export function chirp(
  fromHz: number,
  toHz: number,
  frames: number,
  amplitude = 0.5,
  rate = SIGNAL_RATE_HZ,
): Float32Array {
  const seconds = frames / rate;
  const octaves = Math.log(toHz / fromHz);
  return generate(frames, (frame) => {
    const grown = Math.exp(((frame / rate) * octaves) / seconds) - 1;
    return amplitude * Math.sin((2 * Math.PI * fromHz * seconds * grown) / octaves);
  });
}

/** Sample i is `from` + i steps, wrapping at full scale: exact in 16 bits, and no two neighbours alike. */
export function ramp(frames: number, from = 0): Int16Array {
  const samples = new Int16Array(frames);
  for (let frame = 0; frame < frames; frame += 1) samples[frame] = from + frame;
  return samples;
}

/** The same sample throughout. */
export function constant(frames: number, value: number): Float32Array {
  return new Float32Array(frames).fill(value);
}

/** Nothing to hear. */
export function silence(frames: number): Float32Array {
  return new Float32Array(frames);
}

/** One channel on one side, nothing on the other: shows channels that were swapped or mixed. */
export function hardPanned(samples: Float32Array, side: 'left' | 'right', rate = SIGNAL_RATE_HZ): WavAudio {
  const nothing = silence(samples.length);
  return side === 'left' ? { left: samples, right: nothing, rate } : { left: nothing, right: samples, rate };
}

/** The same on both sides, unless the right is given. */
export function stereo(left: Float32Array, right: Float32Array = left, rate = SIGNAL_RATE_HZ): WavAudio {
  return { left, right, rate };
}

function generate(frames: number, sampleAt: (frame: number) => number): Float32Array {
  const samples = new Float32Array(frames);
  for (let frame = 0; frame < frames; frame += 1) samples[frame] = sampleAt(frame);
  return samples;
}
