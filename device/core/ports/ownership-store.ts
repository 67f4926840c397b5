/**
 * Whose speaker this is: what pairing leaves behind, and what a speaker needs to know its own bridge again. While there
 * is a record the speaker belongs to that house, refuses every other pairing, and dials nobody else.
 */
import type { BridgeId } from '#protocol/vocabulary/ids';

/** Length of a TLS pin, in bytes: a SHA-256. */
export const TLS_PIN_BYTES = 32;
/** Addresses of one bridge that are remembered: some interfaces, a name, one for each family. */
export const BRIDGE_ADDRESSES_MAX = 8;
/** Characters of one address. */
export const BRIDGE_ADDRESS_LENGTH_MAX = 300;

export interface Ownership {
  /** 8 to 64 characters of base64url, made by the bridge; the same for all speakers of one house. */
  readonly householdId: string;
  /** `idOfPublicKey` of the key below. */
  readonly bridgeId: BridgeId;
  /** Raw Ed25519, `PUBLIC_KEY_BYTES` long. */
  readonly bridgePublicKey: Uint8Array;
  /** SHA-256 of the SubjectPublicKeyInfo (DER) of the bridge's certificate, `TLS_PIN_BYTES` long. */
  readonly tlsPin: Uint8Array;
  /** `wss://host:port`, the likeliest first, 1 to `BRIDGE_ADDRESSES_MAX`; mDNS may know newer ones. */
  readonly addresses: readonly string[];
  /** ms since 1970 by this speaker's clock, for people. */
  readonly pairedAtMs: number;
}

export interface OwnershipStore {
  /**
   * Null: nobody's. Rejects with `storage.failed` when there is a record that cannot be read: a damaged one must not make
   * the speaker free for whoever asks first; only a factory reset does.
   */
  load(): Promise<Ownership | null>;
  /** Crash-safe: after a power cut the old record or the new one is read. */
  save(ownership: Ownership): Promise<void>;
  /** Nobody's again; overwritten before it is removed. Without a record: harmless. */
  clear(): Promise<void>;
}
