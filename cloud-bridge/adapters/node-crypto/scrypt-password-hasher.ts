/**
 * Passwords by scrypt (RFC 7914), which costs whoever guesses memory as well as time. The cost is stored with each hash,
 * so that it can be raised later. Runs in the thread pool: the bridge goes on meanwhile.
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { PasswordHasher } from '#bridge/core/ports/password-hasher';

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Of OWASP's equals the one with the least memory that is not trifling: 32 MB, some 0.2 s on a PC and 1 s on a Pi. */
const COST: ScryptCost = { N: 2 ** 15, r: 8, p: 3 };
/** What scrypt needs is 128·N·r bytes; a little more, or it refuses. */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;
const STORED = /^scrypt\$(\d{1,8})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;

export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** @param cost for tests, which have no time for what guards a real one */
export function createScryptPasswordHasher(cost: ScryptCost = COST): PasswordHasher {
  const decoy = { cost, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
  return {
    hash: async (password) => {
      const salt = randomBytes(SALT_BYTES);
      const hash = await derived(password, salt, cost);
      return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
    },
    isRight: async (password, hash) => {
      const stored = (hash === null ? null : parsed(hash)) ?? decoy;
      const given = await derived(password, stored.salt, stored.cost);
      return timingSafeEqual(given, stored.hash) && stored !== decoy;
    },
  };
}

/** Typed on another keyboard, the same letters may be other code points. */
function derived(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  const options = { ...cost, maxmem: MEMORY_BYTES_MAX };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function parsed(stored: string): { readonly cost: ScryptCost; readonly salt: Buffer; readonly hash: Buffer } | null {
  const [, n, r, p, salt, hash] = STORED.exec(stored) ?? [];
  if (salt === undefined || hash === undefined) return null;
  const cost = { N: Number(n), r: Number(r), p: Number(p) };
  return { cost, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') };
}
