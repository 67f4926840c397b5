/**
 * Checks the signature of content tokens (spec section 8.7) and nothing else: whether a token whose signature is good
 * opens a file now is for `services/access/content-token-check.ts`, which bridge and edges share.
 */
import type { ContentClaims } from '#protocol/wire/content-token';

export type VerifiedToken =
  | { readonly kind: 'good'; readonly claims: ContentClaims }
  /** Well-formed, by a key that is not among ours: who fetches keys from elsewhere may fetch them again. */
  | { readonly kind: 'unknownKey'; readonly kid: string }
  | { readonly kind: 'bad' };

export interface ContentTokenVerifier {
  /** Never rejects. `alg` is `EdDSA` or the token is bad; the claims have the form that the contract gives them. */
  verify(token: string): Promise<VerifiedToken>;
}

/** Public keys as `GET /content/v1/keys` gives them: a JSON Web Key Set (RFC 7517) that also says whose they are. */
export interface ContentKeySet {
  /** `iss` of the tokens that these keys sign. */
  readonly issuer: string;
  readonly keys: readonly ContentKey[];
}

/** A public Ed25519 key (RFC 8037). */
export interface ContentKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly alg: 'EdDSA';
  readonly use: 'sig';
}
