/**
 * Float to 16 bits with triangular dither, so that a fade's end is noise and not distortion (Lipshitz, Wannamaker &
 * Vanderkooy 1992). Exact zeros stay zero: silence is silent.
 */

const FULL_SCALE = 32_768;
const SAMPLE_MAX = 32_767;
const SAMPLE_MIN = -32_768;
const TWO_TO_32 = 4_294_967_296;

export interface Quantiser {
  /** @param count samples (not frames), from the front of both */
  quantise(from: Float32Array, to: Int16Array, count: number): void;
}

/** @param seed of the dither's noise; null for none, for readers of exact values */
export function createQuantiser(seed: number | null): Quantiser {
  // xorshift32 (Marsaglia 2003): its state must not be zero.
  let state = seed === null ? 1 : seed | 0 || 1;
  const noise = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / TWO_TO_32;
  };
  return {
    quantise: (from, to, count) => {
      for (let index = 0; index < count; index += 1) {
        const sample = (from[index] ?? 0) * FULL_SCALE;
        const dithered = sample === 0 || seed === null ? sample : sample + noise() - noise();
        to[index] = Math.min(SAMPLE_MAX, Math.max(SAMPLE_MIN, Math.round(dithered)));
      }
    },
  };
}
