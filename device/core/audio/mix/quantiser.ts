/**
 * Float to the device's samples, with the volume on the way.
 *
 * Sixteen bits get triangular dither, so that a fade's end is noise and not distortion (Lipshitz, Wannamaker & Vanderkooy
 * 1992); it is the difference of successive uniform numbers, which costs half and moves the noise to where ears are
 * dull. 24 bits and more need none: what they cut off is below every converter's own noise. Exact zeros stay zero:
 * silence is silent.
 */
import type { SampleBits, SinkSamples } from '#device/core/ports/audio-sink';
import { unreachable } from '#protocol/vocabulary/result';

const CHANNELS = 2;
const FULL_SCALE_16 = 32_768;
const NOISE_UNIT = 1 / 65_536;

/** A gain that moves in a straight line: the first frame's is `first`, and each has `step` more than the one before. */
export interface GainLine {
  readonly first: number;
  readonly step: number;
}

export interface Quantiser {
  /** Makes room for `count` frames, of the width that this quantiser gives. */
  createBlock(count: number): SinkSamples;
  /**
   * @param from interleaved, read from frame `fromFrame` on
   * @param to made by `createBlock`; its first `count` frames are overwritten
   */
  quantise(from: Float32Array, fromFrame: number, to: SinkSamples, count: number, gain: GainLine): void;
}

/** @param seed of the dither's noise; null for none, for readers of exact values */
export function createQuantiser(bits: SampleBits, seed: number | null): Quantiser {
  switch (bits) {
    case 16:
      return seed === null ? plain(FULL_SCALE_16, 1, (size) => new Int16Array(size)) : dithered(seed);
    case 24:
      return plain(2 ** 23, 256, (size) => new Int32Array(size));
    case 32:
      return plain(2 ** 31, 1, (size) => new Int32Array(size));
    default:
      return unreachable(bits);
  }
}

/** @param unit what one step is in the device's samples, where they are wider than what is kept apart */
function plain(fullScale: number, unit: number, create: (size: number) => SinkSamples): Quantiser {
  const [max, min] = [fullScale - 1, -fullScale];
  const scaled = (sample: number): number => {
    const rounded = Math.round(sample * fullScale);
    return (rounded > max ? max : rounded < min ? min : rounded) * unit;
  };
  return {
    createBlock: (count) => create(count * CHANNELS),
    quantise: (from, fromFrame, to, count, { first, step }) => {
      let at = fromFrame * CHANNELS;
      let gain = first;
      for (let index = 0; index < count * CHANNELS; index += CHANNELS) {
        to[index] = scaled((from[at] ?? 0) * gain);
        to[index + 1] = scaled((from[at + 1] ?? 0) * gain);
        at += CHANNELS;
        gain += step;
      }
    },
  };
}

function dithered(seed: number): Quantiser {
  // xorshift32 (Marsaglia 2003): its state must not be zero. Kept in an array, since a number kept in a closure is allocated.
  const random = Int32Array.of(seed | 0 || 1);
  /** Of the frame before, in units of 2^-16. */
  const before = new Int32Array(CHANNELS);
  return {
    createBlock: (count) => new Int16Array(count * CHANNELS),
    quantise: (from, fromFrame, to, count, { first, step }) => {
      let at = fromFrame * CHANNELS;
      let gain = first * FULL_SCALE_16;
      const gainStep = step * FULL_SCALE_16;
      let state = random[0] ?? 1;
      let leftBefore = before[0] ?? 0;
      let rightBefore = before[1] ?? 0;
      const end = count * CHANNELS;
      for (let index = 0; index < end; index += CHANNELS) {
        // One number a frame: its upper half for the left channel, its lower for the right.
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        const left = state >>> 16;
        const right = state & 0xffff;
        to[index] = dither((from[at] ?? 0) * gain, (left - leftBefore) * NOISE_UNIT);
        to[index + 1] = dither((from[at + 1] ?? 0) * gain, (right - rightBefore) * NOISE_UNIT);
        leftBefore = left;
        rightBefore = right;
        at += CHANNELS;
        gain += gainStep;
      }
      random[0] = state;
      before[0] = leftBefore;
      before[1] = rightBefore;
    },
  };
}

/** Rounds by cutting off what is above zero, which costs a third of what rounding does. */
function dither(scaled: number, noise: number): number {
  if (scaled === 0) return 0;
  const raised = (scaled + noise + (FULL_SCALE_16 + 0.5)) | 0;
  return (raised < 0 ? 0 : raised > 65_535 ? 65_535 : raised) - FULL_SCALE_16;
}
