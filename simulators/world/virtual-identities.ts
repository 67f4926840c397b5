/**
 * Identities of a simulated world: as unforgeable as the real ones for whoever only has the port, and a thousand times
 * cheaper. A signature is a hash of the message under a secret that only this world keeps.
 */
import { base64url } from '#protocol/kit/base64url';
import {
  type Identity,
  type IdentityCheck,
  type IdentityStore,
  PUBLIC_KEY_BYTES,
  SIGNATURE_BYTES,
} from '#protocol/ports/identity';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, refused } from '#protocol/vocabulary/result';
import type { SeededRandom } from './seeded-random.ts';

const ID_BYTES = 16;
const SECRET_RANGE = 0xffff_ffff;

/** Where one lives on; outlives the process. `isDamaged` is set by a test. */
export interface IdentityDisk {
  identity: Identity | null;
  isDamaged: boolean;
}

export function createIdentityDisk(): IdentityDisk {
  return { identity: null, isDamaged: false };
}

export class VirtualIdentities implements IdentityCheck {
  readonly #random: SeededRandom;
  readonly #secrets = new Map<string, number>();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  create(): Identity {
    const publicKey = Uint8Array.from({ length: PUBLIC_KEY_BYTES }, () => this.#random.between(0, 255));
    const secret = this.#random.between(1, SECRET_RANGE);
    this.#secrets.set(base64url(publicKey), secret);
    return { publicKey, sign: (message) => digestOf(secret, message) };
  }

  storeOn(disk: IdentityDisk): IdentityStore {
    return {
      loadOrCreate: async () => {
        if (disk.isDamaged) return refused(new TonearmError('storage.failed', 'the identity is damaged'));
        disk.identity ??= this.create();
        return ok(disk.identity);
      },
      shred: async () => {
        disk.identity = null;
        disk.isDamaged = false;
      },
    };
  }

  isSignedBy(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    const secret = this.#secrets.get(base64url(publicKey));
    return secret !== undefined && base64url(digestOf(secret, message)) === base64url(signature);
  }

  idOfPublicKey(publicKey: Uint8Array): string {
    return base64url(publicKey.subarray(0, ID_BYTES)).replace(/^-/, '_');
  }
}

/** FNV-1a over secret and message, spread over a signature's length. */
function digestOf(secret: number, message: Uint8Array): Uint8Array {
  let hash = (0x811c9dc5 ^ secret) >>> 0;
  const stir = (byte: number): void => {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  };
  for (const byte of message) stir(byte);
  return Uint8Array.from({ length: SIGNATURE_BYTES }, (_, place) => {
    stir(place);
    stir(secret & 0xff);
    return hash >>> 24;
  });
}
