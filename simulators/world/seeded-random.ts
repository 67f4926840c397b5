/**
 * Randomness that can be had again: the same seed gives the same run of a whole household. Each part of a world takes
 * its own stream by name (`fork`), so that one part drawing once more does not shift every other part's numbers.
 *
 * The generator is PCG32 (O'Neill 2014, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms"),
 * its 64-bit state in BigInt: simple to check, fast enough for tests, and not fit for secrets.
 */
import type { Random } from '#protocol/ports/random';

const MULTIPLIER = 6_364_136_223_846_793_005n;
const MASK64 = (1n << 64n) - 1n;
const TWO_TO_32 = 4_294_967_296;
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** FNV-1a, 64 bits: turns a stream's name into its number. */
const FNV_OFFSET = 14_695_981_039_346_656_037n;
const FNV_PRIME = 1_099_511_628_211n;

export class SeededRandom implements Random {
  readonly seed: number;
  readonly #increment: bigint;
  #state: bigint;

  /**
   * @param seed a whole number, not negative
   * @param stream which of the seed's independent sequences; '' is the main one
   */
  constructor(seed: number, stream = '') {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`a seed is a whole number, got ${seed}`);
    this.seed = seed;
    this.#increment = ((hashOf(stream) << 1n) | 1n) & MASK64;
    this.#state = (this.#increment + BigInt(seed)) & MASK64;
    this.#next32();
  }

  fraction(): number {
    return this.#next32() / TWO_TO_32;
  }

  token(length: number): string {
    let text = '';
    for (let place = 0; place < length; place += 1) text += BASE64URL.charAt(this.#next32() >>> 26);
    return text;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of the choices, each as likely. @throws RangeError when there are none */
  pick<Choice>(choices: readonly Choice[]): Choice {
    if (choices.length === 0) throw new RangeError('nothing to pick from');
    return choices[this.between(0, choices.length - 1)] as Choice;
  }

  /** An independent generator for the named part; the same seed and name always give the same one. */
  fork(name: string): SeededRandom {
    return new SeededRandom(this.seed, `${this.#increment.toString(36)}/${name}`);
  }

  #next32(): number {
    const old = this.#state;
    this.#state = (old * MULTIPLIER + this.#increment) & MASK64;
    const shifted = Number((((old >> 18n) ^ old) >> 27n) & 0xffff_ffffn);
    const turn = Number(old >> 59n);
    return ((shifted >>> turn) | (shifted << (-turn & 31))) >>> 0;
  }
}

function hashOf(text: string): bigint {
  let hash = FNV_OFFSET;
  for (let place = 0; place < text.length; place += 1) {
    hash = ((hash ^ BigInt(text.charCodeAt(place))) * FNV_PRIME) & MASK64;
  }
  return hash;
}
