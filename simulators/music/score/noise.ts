/**
 * Randomness for sound: a million draws a second and more, the same ones each time. Chords that are struck a hair
 * unevenly and the hiss of a cymbal both come from here.
 */

/** A draw from [-1, 1). */
export type Noise = () => number;

const SCALE = 1 / 2 ** 31;

/** xorshift32 (Marsaglia 2003); the seed may be anything. */
export function createNoise(seed: number): Noise {
  let state = (Math.imul(seed | 0, 0x9e3779b1) ^ 0x5bd1e995) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state * SCALE;
  };
}
