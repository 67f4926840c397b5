/** Randomness from the system's CSPRNG: tokens made from it may be secrets. */
import { randomBytes } from 'node:crypto';
import type { Random } from '#protocol/ports/random';

/** A double holds 53 bits of mantissa; fewer would leave gaps, more would round up to 1. */
const FRACTION_BITS = 53n;
const FRACTION_BYTES = 8;
const BASE64_BYTES_PER_CHARACTER = 3 / 4;

export function createSystemRandom(): Random {
  return {
    fraction: () => {
      const bits = randomBytes(FRACTION_BYTES).readBigUInt64BE() >> (64n - FRACTION_BITS);
      return Number(bits) / 2 ** Number(FRACTION_BITS);
    },
    token: (length) =>
      randomBytes(Math.ceil(length * BASE64_BYTES_PER_CHARACTER))
        .toString('base64url')
        .slice(0, length),
  };
}
