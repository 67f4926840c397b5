/** Fingerprints for names: ids are made from them. */
export interface Digest {
  /** SHA-256 of the text in UTF-8. */
  sha256(text: string): Uint8Array;
}
