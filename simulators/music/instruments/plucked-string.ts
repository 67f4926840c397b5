/**
 * A string (Karplus and Strong 1983, tuned as Jaffe and Smith did the same year): a loop as long as one period, filled
 * with noise, in which each turn loses a little, the high parts first.
 */
import { MUSIC_RATE_HZ, panGains } from '../mix/stereo-buffer.ts';
import type { Noise } from '../score/noise.ts';
import type { Instrument, Key } from './instrument.ts';

/** How one kind of string differs from another. */
export interface StringOptions {
  /** Time to fall by 60 dB at middle C; higher strings ring shorter. */
  readonly ringSeconds: number;
  /** 0 (nails) to 0.5 (felt): how much each turn takes from the high parts. */
  readonly damping: number;
  /** 0 to 1: brightness of the pluck itself. */
  readonly brightness: number;
  readonly level: number;
}

const DAMPED_RING_SECONDS = 0.25;
const DAMPED_TAIL_SECONDS = 0.3;
/** Where the string is plucked, as a part of its length: takes out the harmonics that have a node there. */
const PLUCK_PLACE = 0.21;
const ATTACK_SECONDS = 0.0015;
/** Overtones that the brightest pluck brings out; more would be a spike at the start and nothing after it. */
const OVERTONES = 16;

export function createPluckedString(options: StringOptions): Instrument {
  return {
    play: (bus, start, key, noise) => {
      const { hz, pitch, heldFrames, velocity } = key;
      const period = MUSIC_RATE_HZ / hz - options.damping;
      const whole = Math.floor(period - 0.3);
      const fraction = period - whole;
      const tuning = (1 - fraction) / (1 + fraction);
      const line = pluck(whole, key, options, noise);
      const ring = options.ringSeconds * 2 ** ((60 - pitch) / 30);
      const ringLoss = 10 ** (-3 / (hz * ring));
      const dampedLoss = 10 ** (-3 / (hz * Math.min(ring, DAMPED_RING_SECONDS)));
      const [gainLeft, gainRight] = panGains(((pitch - 62) / 40) * 0.45);
      const tail = Math.min(ring * 1.2, heldFrames / MUSIC_RATE_HZ + DAMPED_TAIL_SECONDS);
      const frames = Math.min(bus.left.length - start, Math.round(tail * MUSIC_RATE_HZ));
      const attackFrames = Math.round(ATTACK_SECONDS * MUSIC_RATE_HZ);
      const level = options.level * (0.35 + 0.65 * velocity) * velocity;
      const keep = 1 - options.damping;
      let place = 0;
      let before = 0;
      let tuningIn = 0;
      let tuningOut = 0;
      for (let frame = 0; frame < frames; frame += 1) {
        const out = line[place] ?? 0;
        const loss = frame < heldFrames ? ringLoss : dampedLoss;
        const filtered = loss * (keep * out + options.damping * before);
        before = out;
        tuningOut = tuning * (filtered - tuningOut) + tuningIn;
        tuningIn = filtered;
        line[place] = tuningOut;
        place += 1;
        if (place === whole) place = 0;
        const sample = out * level * (frame < attackFrames ? frame / attackFrames : 1) * fadeAt(frame, frames);
        bus.left[start + frame] = (bus.left[start + frame] ?? 0) + sample * gainLeft;
        bus.right[start + frame] = (bus.right[start + frame] ?? 0) + sample * gainRight;
      }
    },
  };
}

const FADE_FRAMES = 960;

/** The last frames go to zero, whatever still rings. */
function fadeAt(frame: number, frames: number): number {
  const left = frames - frame;
  return left < FADE_FRAMES ? left / FADE_FRAMES : 1;
}

/** One period of filtered noise without its mean, combed by the place of the pluck. */
function pluck(length: number, key: Key, options: StringOptions, noise: Noise): Float32Array {
  const raw = new Float32Array(length);
  const cutoffHz = key.hz * (3 + OVERTONES * options.brightness * key.velocity);
  const open = 1 - Math.exp((-2 * Math.PI * cutoffHz) / MUSIC_RATE_HZ);
  let once = 0;
  let smooth = 0;
  let mean = 0;
  for (let place = 0; place < length; place += 1) {
    once += open * (noise() - once);
    smooth += open * (once - smooth);
    raw[place] = smooth;
    mean += smooth / length;
  }
  const distance = Math.max(1, Math.round(length * PLUCK_PLACE));
  const line = new Float32Array(length);
  let energy = 0;
  for (let place = 0; place < length; place += 1) {
    const combed = (raw[place] ?? 0) - mean - 0.8 * ((raw[(place + length - distance) % length] ?? 0) - mean);
    line[place] = combed;
    energy += combed * combed;
  }
  const gain = 1 / Math.sqrt(energy / length + 1e-9);
  for (let place = 0; place < length; place += 1) line[place] = (line[place] ?? 0) * gain;
  return line;
}
