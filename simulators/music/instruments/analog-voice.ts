/**
 * Detuned saw waves through a low-pass filter with an envelope: by its options a pad, a pluck, a lead or a bass. The
 * saws are smoothed where they jump (polyBLEP, Välimäki 2007), or they would fold back as whistles.
 */
import { MUSIC_RATE_HZ } from '../mix/stereo-buffer.ts';
import type { Instrument } from './instrument.ts';

export interface AnalogOptions {
  readonly level: number;
  /** Cents from the pitch of each saw: one in the middle, or two or four, by turns left and right. */
  readonly detuneCents: readonly number[];
  readonly attackSeconds: number;
  /** Time constant of the fall from the attack's peak to `sustain`. */
  readonly decaySeconds: number;
  /** 0 to 1. */
  readonly sustain: number;
  readonly releaseSeconds: number;
  /** The filter falls from `cutoffPeak` to `cutoffRest`, both in multiples of the note's pitch, by its own time constant. */
  readonly cutoffPeak: number;
  readonly cutoffRest: number;
  readonly cutoffDecaySeconds: number;
}

const RELEASES = 5;
const CUTOFF_HZ_MAX = 14_000;
/** The filter's coefficient is recomputed this often; faster changes are not heard. */
const CONTROL_FRAMES = 16;

export function createAnalogVoice(options: AnalogOptions): Instrument {
  const [first = 0, second = null, third = null, fourth = null] = options.detuneCents;
  return {
    play: (bus, start, key, noise) => {
      const step = (cents: number | null) => (cents === null ? 0 : (key.hz * 2 ** (cents / 1200)) / MUSIC_RATE_HZ);
      const side = (cents: number, more: number | null): SideKey => ({
        ...key,
        step: step(cents),
        phase: (noise() + 1) / 2,
        otherStep: step(more),
        otherPhase: (noise() + 1) / 2,
      });
      if (second === null) {
        playSide(bus.left, bus.right, start, side(first, null), options);
        return;
      }
      playSide(bus.left, null, start, side(first, third), options);
      playSide(bus.right, null, start, side(second, fourth), options);
    },
  };
}

/** One side's share of a note: a saw, and another unless its step is 0. Scalars, since this is where the time goes. */
interface SideKey {
  readonly hz: number;
  readonly heldFrames: number;
  readonly velocity: number;
  readonly step: number;
  readonly phase: number;
  readonly otherStep: number;
  readonly otherPhase: number;
}

function playSide(
  channel: Float32Array,
  copy: Float32Array | null,
  start: number,
  key: SideKey,
  options: AnalogOptions,
): void {
  const tail = Math.round(options.releaseSeconds * RELEASES * MUSIC_RATE_HZ);
  const frames = Math.min(channel.length - start, key.heldFrames + tail);
  const attackStep = 1 / Math.max(1, options.attackSeconds * MUSIC_RATE_HZ);
  const decay = Math.exp(-1 / (options.decaySeconds * MUSIC_RATE_HZ));
  const release = Math.exp(-1 / (options.releaseSeconds * MUSIC_RATE_HZ));
  const cutoffDecay = Math.exp(-CONTROL_FRAMES / (options.cutoffDecaySeconds * MUSIC_RATE_HZ));
  const { step, otherStep, heldFrames } = key;
  const hasOther = otherStep > 0;
  const level = (options.level * key.velocity) / (hasOther ? Math.SQRT2 : 1);
  const { sustain } = options;
  let cutoffAbove = (options.cutoffPeak - options.cutoffRest) * (0.4 + 0.6 * key.velocity);
  let { phase, otherPhase } = key;
  let rise = 0;
  let above = 1 - sustain;
  let ending = 1;
  let low = 0;
  let lower = 0;
  for (let block = 0; block < frames; block += CONTROL_FRAMES) {
    const cutoff = Math.min(CUTOFF_HZ_MAX, key.hz * (options.cutoffRest + cutoffAbove));
    const open = 1 - Math.exp((-2 * Math.PI * cutoff) / MUSIC_RATE_HZ);
    cutoffAbove *= cutoffDecay;
    const end = Math.min(frames, block + CONTROL_FRAMES);
    for (let frame = block; frame < end; frame += 1) {
      let sum = sawAt(phase, step);
      phase += step;
      if (phase >= 1) phase -= 1;
      if (hasOther) {
        sum += sawAt(otherPhase, otherStep);
        otherPhase += otherStep;
        if (otherPhase >= 1) otherPhase -= 1;
      }
      low += open * (sum - low);
      lower += open * (low - lower);
      if (rise < 1) rise = Math.min(1, rise + attackStep);
      else above *= decay;
      if (frame >= heldFrames) ending *= release;
      // Squared, because a straight rise in amplitude is heard as a jump at its start.
      const sample = lower * level * rise * rise * (sustain + above) * ending;
      channel[start + frame] = (channel[start + frame] ?? 0) + sample;
      if (copy !== null) copy[start + frame] = (copy[start + frame] ?? 0) + sample;
    }
  }
}

function sawAt(phase: number, step: number): number {
  const plain = 2 * phase - 1;
  if (phase < step) {
    const place = phase / step;
    return plain - (2 * place - place * place - 1);
  }
  if (phase > 1 - step) {
    const place = (phase - 1) / step;
    return plain - (place * place + 2 * place + 1);
  }
  return plain;
}

/** Slow and wide; its movement comes from a filter over the whole part. */
export const warmPad = createAnalogVoice({
  level: 0.16,
  detuneCents: [-9, 8, 5, -5],
  attackSeconds: 0.9,
  decaySeconds: 2,
  sustain: 0.85,
  releaseSeconds: 0.7,
  cutoffPeak: 12,
  cutoffRest: 9,
  cutoffDecaySeconds: 3,
});

/** Short and bright, for arpeggios. */
export const synthPluck = createAnalogVoice({
  level: 0.3,
  detuneCents: [-5, 6],
  attackSeconds: 0.002,
  decaySeconds: 0.16,
  sustain: 0.12,
  releaseSeconds: 0.09,
  cutoffPeak: 11,
  cutoffRest: 1.6,
  cutoffDecaySeconds: 0.11,
});

/** A singing voice over a full band. */
export const glowLead = createAnalogVoice({
  level: 0.3,
  detuneCents: [-7, 7, 2, -3],
  attackSeconds: 0.02,
  decaySeconds: 0.5,
  sustain: 0.72,
  releaseSeconds: 0.12,
  cutoffPeak: 6.5,
  cutoffRest: 3.4,
  cutoffDecaySeconds: 0.35,
});

/** Low and plain, with a little growl when it is struck. */
export const synthBass = createAnalogVoice({
  level: 0.42,
  detuneCents: [0],
  attackSeconds: 0.004,
  decaySeconds: 0.25,
  sustain: 0.6,
  releaseSeconds: 0.04,
  cutoffPeak: 9,
  cutoffRest: 2.4,
  cutoffDecaySeconds: 0.13,
});
