/**
 * What plays at this moment of a recording, and which frame of it: the ear of the real-process tests.
 */
import type { Recording } from '#sim/processes/recorder';
import { correlate } from './fourier.ts';

/** The search runs on every eighth sample (fingerprints end at 2.5 kHz), the answer is then refined to one frame. */
const DECIMATION = 8;
/** Below this the best match is not a match: two different noises of 0.1 s reach about 0.1. */
const MATCH_LEAST = 0.5;
/** Quieter than this (of full scale 1) is silence. */
export const SILENCE_BELOW_RMS = 0.002;

export interface KnownTrack {
  readonly name: string;
  readonly samples: Float32Array;
}

export type Heard =
  | { readonly kind: 'silence' }
  | { readonly kind: 'unknown'; readonly rms: number }
  | { readonly kind: 'track'; readonly name: string; readonly frame: number; readonly match: number };

/** One channel (the mean of both) of a stretch of a recording, in ±1. */
export function stretchOf(recording: Recording, startFrame: number, frames: number): Float32Array {
  const stretch = new Float32Array(frames);
  for (let i = 0; i < frames; i += 1) {
    const at = (startFrame + i) * 2;
    stretch[i] = ((recording.samples[at] ?? 0) + (recording.samples[at + 1] ?? 0)) / 65_536;
  }
  return stretch;
}

export function rmsOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length));
}

/**
 * @param windowFrames how long to listen; the shorter, the sharper in time, the longer, the surer
 * @returns the track and its frame at `startFrame` of the recording
 */
export function whatPlays(
  recording: Recording,
  startFrame: number,
  windowFrames: number,
  tracks: readonly KnownTrack[],
): Heard {
  const window = stretchOf(recording, startFrame, windowFrames);
  const rms = rmsOf(window);
  if (rms < SILENCE_BELOW_RMS) return { kind: 'silence' };
  let best: Heard = { kind: 'unknown', rms };
  for (const track of tracks) {
    const coarse = coarsePlace(window, track.samples);
    const fine = refine(window, track.samples, coarse);
    if (fine.match >= MATCH_LEAST && (best.kind !== 'track' || fine.match > best.match)) {
      best = { kind: 'track', name: track.name, frame: fine.frame, match: fine.match };
    }
  }
  return best;
}

function coarsePlace(window: Float32Array, track: Float32Array): number {
  const scores = correlate(decimate(track), decimate(window));
  let best = 0;
  for (let lag = 1; lag < scores.length; lag += 1) if ((scores[lag] ?? 0) > (scores[best] ?? 0)) best = lag;
  return best * DECIMATION;
}

function refine(window: Float32Array, track: Float32Array, around: number): { frame: number; match: number } {
  let best = { frame: around, match: -1 };
  for (let frame = Math.max(0, around - DECIMATION * 2); frame <= around + DECIMATION * 2; frame += 1) {
    const match = normalisedCorrelation(window, track, frame);
    if (match > best.match) best = { frame, match };
  }
  return best;
}

/** −1 to 1; samples beyond the track's end count as silence. */
export function normalisedCorrelation(window: Float32Array, track: Float32Array, atFrame: number): number {
  let product = 0;
  let windowPower = 0;
  let trackPower = 0;
  for (let i = 0; i < window.length; i += 1) {
    const a = window[i] ?? 0;
    const b = track[atFrame + i] ?? 0;
    product += a * b;
    windowPower += a * a;
    trackPower += b * b;
  }
  const scale = Math.sqrt(windowPower * trackPower);
  return scale === 0 ? 0 : product / scale;
}

function decimate(samples: Float32Array): Float32Array {
  const out = new Float32Array(Math.floor(samples.length / DECIMATION));
  for (let i = 0; i < out.length; i += 1) {
    let sum = 0;
    for (let k = 0; k < DECIMATION; k += 1) sum += samples[i * DECIMATION + k] ?? 0;
    out[i] = sum / DECIMATION;
  }
  return out;
}

/** First frame at or after `fromFrame` where the sound exceeds |100/32768|, or undefined when there is none. */
export function onsetAfter(recording: Recording, fromFrame: number): number | undefined {
  for (let frame = fromFrame; frame < recording.frameCount; frame += 1) {
    if (Math.abs(recording.samples[frame * 2] ?? 0) > 100 || Math.abs(recording.samples[frame * 2 + 1] ?? 0) > 100)
      return frame;
  }
  return undefined;
}

/** The longest run of frames below |100/32768| between the two frames given. */
export function longestQuiet(recording: Recording, fromFrame: number, toFrame: number): number {
  let longest = 0;
  let run = 0;
  for (let frame = fromFrame; frame < toFrame; frame += 1) {
    const isLoud =
      Math.abs(recording.samples[frame * 2] ?? 0) > 100 || Math.abs(recording.samples[frame * 2 + 1] ?? 0) > 100;
    run = isLoud ? 0 : run + 1;
    longest = Math.max(longest, run);
  }
  return longest;
}
