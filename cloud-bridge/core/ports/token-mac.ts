/** Proves that a text was written by this bridge (HMAC-SHA256 under a key that never leaves its data folder). */
export interface TokenMac {
  /** Base64url without padding. */
  sign(text: string): string;
  /** In time that does not depend on where they differ. */
  verify(text: string, mac: string): boolean;
}
