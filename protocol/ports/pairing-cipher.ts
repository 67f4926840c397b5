/**
 * How two parties that share nothing but a short code prove to each other that they know it, and come to a key that nobody
 * else has: SPAKE2+ (RFC 9383). Whoever listens learns nothing to try codes on; whoever takes part may try one code each time.
 *
 * The bridge, told the code by a person, is the prover; the speaker, which made it, is the verifier. Spec section 15.
 */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';

/** Length of the salt beside a code, in bytes. */
export const PAIRING_SALT_BYTES = 16;
/** Length of a public value: an uncompressed point of P-256 (SEC 1). */
export const PAIRING_SHARE_BYTES = 65;
/** Length of a confirmation and of the key that comes of it. */
export const PAIRING_KEY_BYTES = 32;

/** Who takes part. Both ids are part of what is confirmed. */
export interface PairingParties {
  readonly bridgeId: string;
  readonly speakerId: string;
}

/** What a code is stretched with. */
export interface PairingStretch {
  /** `PAIRING_SALT_BYTES`, made anew with each code. */
  readonly salt: Uint8Array;
  readonly speakerId: string;
}

/** What a speaker keeps of its code: enough to check, not to prove. A secret, kept in memory alone. */
export interface PairingRecord {
  readonly w0: Uint8Array;
  readonly l: Uint8Array;
}

/** One attempt of a bridge. */
export interface Proving {
  readonly share: Uint8Array;
  /**
   * Checks what the speaker answered. Refused with `pairing.refused`, whatever was wrong with it.
   * @returns what convinces the speaker in turn, and the key
   */
  finish(
    share: Uint8Array,
    confirmation: Uint8Array,
  ): Result<{ readonly confirmation: Uint8Array; readonly key: Uint8Array }, TonearmError>;
}

/** One attempt at a speaker. `confirmation` lets the other side check one code: an attempt is spent when it is sent. */
export interface Verifying {
  readonly share: Uint8Array;
  readonly confirmation: Uint8Array;
  /** @returns the key, or null when the other side did not know the code; compared in constant time */
  finish(confirmation: Uint8Array): Uint8Array | null;
}

/** Which way a sealed text goes; each key seals one text each way. */
export type SealedBy = 'bridge' | 'speaker';

export interface PairingCipher {
  /** Slow on purpose, and takes 16 MiB while it runs. */
  register(code: string, stretch: PairingStretch): Promise<PairingRecord>;
  /** Slow as `register`. */
  prove(code: string, stretch: PairingStretch, parties: PairingParties): Promise<Proving>;
  /** Refused with `pairing.refused` when the share is no point of the curve. */
  verify(record: PairingRecord, parties: PairingParties, share: Uint8Array): Result<Verifying, TonearmError>;
  /** A record of a code that nobody has: with it an attempt costs as long as a true one, and fails. */
  decoy(): PairingRecord;
  /** @param key as an attempt ended with */
  seal(key: Uint8Array, by: SealedBy, plain: string): Uint8Array;
  /** Null when it was not sealed with this key, this way. */
  open(key: Uint8Array, by: SealedBy, sealed: Uint8Array): string | null;
}
