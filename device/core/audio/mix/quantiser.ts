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
const TWO_TO_16 = 65_536;

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
      return seed === null ? plain(32_768, 1, (size) => new Int16Array(size)) : dithered(seed);
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
  // xorshift32 (Marsaglia 2003): its state must not be zero. Kept in arrays, since a number kept in a closure is allocated.
  const state = Int32Array.of(seed | 0 || 1);
  const before = new Float64Array(CHANNELS);
  return {
    createBlock: (count) => new Int16Array(count * CHANNELS),
    quantise: (from, fromFrame, to, count, { first, step }) => {
      let at = fromFrame * CHANNELS;
      let gain = first;
      let random = state[0] ?? 1;
      let leftBefore = before[0] ?? 0;
      let rightBefore = before[1] ?? 0;
      for (let index = 0; index < count * CHANNELS; index += CHANNELS) {
        // One number a frame: its upper half for the left channel, its lower for the right.
        random ^= random << 13;
        random ^= random >>> 17;
        random ^= random << 5;
        const left = (random >>> 16) / TWO_TO_16;
        const right = (random & 0xffff) / TWO_TO_16;
        to[index] = dither((from[at] ?? 0) * gain, left - leftBefore);
        to[index + 1] = dither((from[at + 1] ?? 0) * gain, right - rightBefore);
        leftBefore = left;
        rightBefore = right;
        at += CHANNELS;
        gain += step;
      }
      state[0] = random;
      before[0] = leftBefore;
      before[1] = rightBefore;
    },
  };
}

function dither(sample: number, noise: number): number {
  if (sample === 0) return 0;
  const rounded = Math.round(sample * 32_768 + noise);
  return rounded > 32_767 ? 32_767 : rounded < -32_768 ? -32_768 : rounded;
}
