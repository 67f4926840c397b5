/**
 * Who somebody is: an Ed25519 key pair (RFC 8032) made on first boot and never shown. Speakers and bridges have one each.
 *
 * The id of a speaker or bridge is derived from its public key (`idOfPublicKey`), so that nobody else can claim it.
 */

import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';

/** Length of a raw Ed25519 public key, in bytes. */
export const PUBLIC_KEY_BYTES = 32;
/** Length of an Ed25519 signature, in bytes. */
export const SIGNATURE_BYTES = 64;

export interface Identity {
  /** Raw, `PUBLIC_KEY_BYTES` long. */
  readonly publicKey: Uint8Array;
  /** @returns a signature of exactly these bytes, `SIGNATURE_BYTES` long */
  sign(message: Uint8Array): Uint8Array;
}

/** What anybody can do who knows a public key. */
export interface IdentityCheck {
  /** False also for keys and signatures that are none. */
  isSignedBy(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** 22 characters of base64url: the first 16 bytes of the SHA-256 of the raw public key. */
  idOfPublicKey(publicKey: Uint8Array): string;
}

/** Where an identity is kept: made when there is none, `storage.failed` when it cannot be, never made anew over a damaged one. */
export interface IdentityStore {
  loadOrCreate(): Promise<Result<Identity, TonearmError>>;
  /** For a factory reset: the key is overwritten before its file is removed. */
  shred(): Promise<void>;
}
