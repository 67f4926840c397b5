/** Signs content tokens (spec section 8.7) with the key of the moment, and says with which keys they are checked. */
import type { ContentClaims } from '#protocol/wire/content-token';
import type { ContentKey } from './content-token-verifier.ts';

export interface ContentTokenSigner {
  /** @returns a JSON Web Token; its `kid` is among `keys()` for as long as any token may live */
  sign(claims: ContentClaims): Promise<string>;
  /** Public halves: the newest signs, older ones are kept until the last token they signed has expired. */
  keys(): readonly ContentKey[];
  /** Signs with a new key from now on. Rejects with `storage.failed`, and goes on with the old one then. */
  rotate(): Promise<void>;
  /** Since when the present key signs, seconds since 1970. */
  signingSinceS(): number;
}
