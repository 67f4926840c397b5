/** Secrets that we hand out once and keep only by their SHA-256: looked up by it, so that no comparison tells anything. */
import type { Random } from '#protocol/ports/random';
import type { Digest } from '../../ports/digest.ts';
import { base64 } from '../playback/base64.ts';

/** 43 characters of base64url: 258 bits. */
const SECRET_LENGTH = 43;

export function newSecret(random: Random): string {
  return random.token(SECRET_LENGTH);
}

/** @returns 43 characters of base64url; also what PKCE calls S256 (RFC 7636 section 4.2) */
export function hashOf(digest: Digest, secret: string): string {
  return base64(digest.sha256(secret)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
