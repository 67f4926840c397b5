/** Checks signatures of content tokens by `jose`, under a set of public keys that may be replaced as a whole. */
import { type CryptoKey, compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import type {
  ContentKey,
  ContentKeySet,
  ContentTokenVerifier,
  VerifiedToken,
} from '#bridge/core/ports/content-token-verifier';
import { contentClaimsSchema } from '#protocol/wire/content-token';
import { parseValue } from '#protocol/wire/schema';

/** Nothing else, above all not what a header asks for (RFC 8725 section 3.1). */
const ALGORITHM = 'EdDSA';
const KID = /^[\x21-\x7e]{1,64}$/;
const BAD: VerifiedToken = { kind: 'bad' };

export class JoseTokenVerifier implements ContentTokenVerifier {
  #keys: ReadonlyMap<string, CryptoKey> = new Map();

  /** Replaces the keys. Rejects when one of them is no Ed25519 public key, and goes on with the old ones then. */
  async useKeys(keys: ContentKeySet['keys']): Promise<void> {
    this.#keys = new Map(await Promise.all(keys.map(async (key) => [key.kid, await imported(key)] as const)));
  }

  async verify(token: string): Promise<VerifiedToken> {
    const kid = kidOf(token);
    if (kid === null) return BAD;
    const key = this.#keys.get(kid);
    if (key === undefined) return { kind: 'unknownKey', kid };
    try {
      const { payload } = await compactVerify(token, key, { algorithms: [ALGORITHM] });
      const claims = parseValue(contentClaimsSchema, JSON.parse(Buffer.from(payload).toString('utf8')), 'claims');
      return claims.ok ? { kind: 'good', claims: claims.value } : BAD;
    } catch {
      return BAD;
    }
  }
}

async function imported({ kty, crv, x }: ContentKey): Promise<CryptoKey> {
  const key = await importJWK({ kty, crv, x }, ALGORITHM);
  if (key instanceof Uint8Array) throw new TypeError('a content key is a public key');
  return key;
}

/** Null for what is no token of ours by its header alone. */
function kidOf(token: string): string | null {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return alg === ALGORITHM && kid !== undefined && KID.test(kid) ? kid : null;
  } catch {
    return null;
  }
}
