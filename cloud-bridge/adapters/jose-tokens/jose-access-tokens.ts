/**
 * Access tokens by `jose`, under a key of the bridge's own that is used for nothing else: made at the first start, kept
 * in the data folder for its owner's eyes only. Tokens live a quarter of an hour, so a key that is thrown away signs
 * nobody out: pages and programs ask for a new token.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
} from 'jose';
import * as z from 'zod/mini';
import type { AccessClaims, AccessTokens } from '#bridge/core/ports/access-tokens';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ACCESS_AUDIENCE, accessClaimsSchema } from '#protocol/wire/access-token';
import { parseValue } from '#protocol/wire/schema';

const FILE_NAME = 'access-key.json';
/** Nothing else, above all not what a header asks for (RFC 8725 section 3.1). */
const ALGORITHM = 'EdDSA';
/** RFC 9068 section 2.1: no token for anything else passes for one. */
const TYPE = 'at+jwt';

const base64urlKey = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
const keySchema = z.object({ x: base64urlKey, d: base64urlKey });

/**
 * @param issuer the bridge's id
 * @throws TonearmError `storage.failed` when the key can be neither read nor made
 */
export async function openAccessTokens(dataDir: string, issuer: string): Promise<AccessTokens> {
  const { x, d } = await loadKey(join(dataDir, FILE_NAME));
  const common = { kty: 'OKP', crv: 'Ed25519', x };
  const kid = await calculateJwkThumbprint(common);
  const [privateKey, publicKey] = await Promise.all([imported({ ...common, d }), imported(common)]);
  const header = { alg: ALGORITHM, typ: TYPE, kid };
  return {
    sign: (claims) => new SignJWT({ ...claims }).setProtectedHeader(header).sign(privateKey),
    verify: (token) => verified(token, { publicKey, kid, issuer }),
  };
}

async function verified(
  token: string,
  by: { readonly publicKey: CryptoKey; readonly kid: string; readonly issuer: string },
): Promise<AccessClaims | null> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, by.publicKey, {
      ...{ algorithms: [ALGORITHM], typ: TYPE, issuer: by.issuer, audience: ACCESS_AUDIENCE },
      // When a token is good is for the core, which has a clock; here any time is.
      clockTolerance: Number.MAX_SAFE_INTEGER,
    });
    const claims = parseValue(accessClaimsSchema, payload, 'claims');
    return protectedHeader.kid === by.kid && claims.ok ? claims.value : null;
  } catch {
    return null;
  }
}

async function imported(key: Record<string, string>): Promise<CryptoKey> {
  const made = await importJWK({ kty: 'OKP', ...key }, ALGORITHM);
  if (made instanceof Uint8Array) throw new TypeError('an Ed25519 key is no secret of bytes');
  return made;
}

async function loadKey(path: string): Promise<{ readonly x: string; readonly d: string }> {
  try {
    const stored = parseValue(keySchema, JSON.parse(readFileSync(path, 'utf8')), FILE_NAME);
    if (stored.ok) return stored.value;
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    // Cut short by a power cut: a new one costs nobody more than a request for a new token.
    if (!isMissing && !(cause instanceof SyntaxError)) throw failed('read', cause);
  }
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const { x = '', d = '' } = await exportJWK(privateKey);
  const temporary = `${path}.${randomBytes(4).toString('hex')}.new`;
  try {
    writeFileSync(temporary, JSON.stringify({ x, d }), { mode: 0o600, flush: true });
    renameSync(temporary, path);
  } catch (cause) {
    throw failed('written', cause);
  }
  return { x, d };
}

function failed(done: string, cause: unknown): TonearmError {
  return new TonearmError('storage.failed', `the key of access tokens cannot be ${done}: ${String(cause)}`, { cause });
}
