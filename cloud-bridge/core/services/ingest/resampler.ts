/**
 * Any sample rate to 48 kHz: a polyphase filter, windowed sinc, exact rational steps. Used where there is no ffmpeg.
 *
 * With 128 taps and a Kaiser window for 110 dB, what aliases or images is below the 16 bits of the result; the passband
 * reaches 89 % of the lower half-rate (19.6 kHz for music at 44.1 kHz).
 */
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';

/** Taps of each phase when the rate goes up; as many more as the rate goes down. */
const TAPS = 128;
/** Kaiser: attenuation of 110 dB, and the width of the transition that this many taps then give (per input sample). */
const ATTENUATION_DB = 110;
const KAISER_BETA = 0.1102 * (ATTENUATION_DB - 8.7);
const TRANSITION = (ATTENUATION_DB - 8) / (2.285 * TAPS * 2 * Math.PI);
/** Rates that music comes in; also bounds the filter's table, which is as long as the rates have little in common. */
export const RATE_MIN_HZ = 4_000;
export const RATE_MAX_HZ = 768_000;

export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #taps: number;
  /** Phase by phase, `#taps` each, in the order of the input. */
  readonly #filter: Float32Array;
  #input: Float32Array;
  /** Frames of music taken in, and given out. */
  #taken = 0;
  #given = 0;
  /** The first frame that `#input` holds; negative for the zeros before the start. */
  #inputStart: number;

  /** One channel. @throws RangeError for a rate that no music has */
  constructor(rateHz: number) {
    if (!Number.isInteger(rateHz) || rateHz < RATE_MIN_HZ || rateHz > RATE_MAX_HZ) {
      throw new RangeError(`a sample rate of ${rateHz} Hz cannot be converted`);
    }
    const common = greatestCommonDivisor(rateHz, FRAMES_PER_SECOND);
    this.#up = FRAMES_PER_SECOND / common;
    this.#down = rateHz / common;
    const stretch = Math.max(1, this.#down / this.#up);
    this.#taps = 2 * Math.ceil((TAPS * stretch) / 2);
    this.#filter = designFilter(this.#up, this.#taps, 1 / stretch);
    this.#inputStart = -(this.#taps / 2 - 1);
    this.#input = new Float32Array(this.#taps / 2 - 1);
  }

  /** @returns what can be given out so far */
  add(samples: Float32Array): Float32Array {
    this.#taken += samples.length;
    this.#append(samples);
    return this.#convert(Number.POSITIVE_INFINITY);
  }

  /** @returns the rest: in all, the input's length at the new rate, rounded */
  finish(): Float32Array {
    this.#append(new Float32Array(this.#taps));
    return this.#convert(Math.round((this.#taken * this.#up) / this.#down));
  }

  #append(samples: Float32Array): void {
    const firstNeeded = Math.floor((this.#given * this.#down) / this.#up) - (this.#taps / 2 - 1);
    const drop = Math.max(0, Math.min(this.#input.length, firstNeeded - this.#inputStart));
    const joined = new Float32Array(this.#input.length - drop + samples.length);
    joined.set(this.#input.subarray(drop));
    joined.set(samples, this.#input.length - drop);
    this.#input = joined;
    this.#inputStart += drop;
  }

  #convert(framesMax: number): Float32Array {
    const inputEnd = this.#inputStart + this.#input.length;
    // The last frame whose window the input covers: its window ends taps / 2 after the input frame before it.
    const possible = Math.ceil(((inputEnd - this.#taps / 2) * this.#up) / this.#down);
    const end = Math.min(framesMax, possible);
    const output = new Float32Array(Math.max(0, end - this.#given));
    for (let index = 0; index < output.length; index += 1) {
      const position = (this.#given + index) * this.#down;
      const before = Math.floor(position / this.#up);
      const phase = (position % this.#up) * this.#taps;
      const start = before - (this.#taps / 2 - 1) - this.#inputStart;
      let sum = 0;
      for (let tap = 0; tap < this.#taps; tap += 1) {
        sum += (this.#filter[phase + tap] ?? 0) * (this.#input[start + tap] ?? 0);
      }
      output[index] = sum;
    }
    this.#given += output.length;
    return output;
  }
}

/** @param scale of the cutoff: below 1 when the rate goes down */
function designFilter(phases: number, taps: number, scale: number): Float32Array {
  const filter = new Float32Array(phases * taps);
  const cutoff = scale * (1 - TRANSITION);
  for (let phase = 0; phase < phases; phase += 1) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      const distance = tap - (taps / 2 - 1) - phase / phases;
      const value = sinc(distance * cutoff) * kaiser((2 * distance) / taps);
      filter[phase * taps + tap] = value;
      sum += value;
    }
    // Every phase passes a constant unchanged, so no phase is louder than another.
    for (let tap = 0; tap < taps; tap += 1) filter[phase * taps + tap] = (filter[phase * taps + tap] ?? 0) / sum;
  }
  return filter;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** @param x −1 to 1 across the window */
function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : besselI0(KAISER_BETA * Math.sqrt(1 - x * x)) / besselI0(KAISER_BETA);
}

/** Modified Bessel function of the first kind, order zero, by its series. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
