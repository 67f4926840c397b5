/** Access tokens by `jose`, and forged ones: without a signature, by another key, for something else. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeProtectedHeader, generateKeyPair, importJWK, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessClaims, AccessTokens } from '#bridge/core/ports/access-tokens';
import { openAccessTokens } from './jose-access-tokens.ts';

const claims: AccessClaims = {
  ...{ iss: 'this-bridge', aud: 'tonearm-doors', sub: 'house-owner', scope: 'tonearm-library' },
  ...{ grant: 'grant-00', jti: 'token-00', iat: 1_000, nbf: 1_000, exp: 1_900 },
};
let folder = '';
let tokens: AccessTokens;
let good = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-access-'));
  tokens = await openAccessTokens(folder, 'this-bridge');
  good = await tokens.sign(claims);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface StoredKey {
  readonly x: string;
  readonly d: string;
}
const stored = (): StoredKey => JSON.parse(readFileSync(join(folder, 'access-key.json'), 'utf8'));

/** Signed by the bridge's own key, and different in what `change` says. */
async function signed(change: { readonly header?: object; readonly claims?: object }): Promise<string> {
  const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', ...stored() }, 'EdDSA');
  const header = { alg: 'EdDSA', ...decodeProtectedHeader(good), ...change.header };
  return new SignJWT({ ...claims, ...change.claims }).setProtectedHeader(header).sign(key);
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('access tokens', () => {
  it('are read by who signed them, also after a restart, whatever the time', async () => {
    expect(await tokens.verify(good)).toEqual(claims);
    expect(await tokens.verify(await signed({}))).toEqual(claims);
    const later = await openAccessTokens(folder, 'this-bridge');
    expect(await later.verify(good)).toEqual(claims);
  });

  it('name their kind and their key, which is kept for its owner alone', () => {
    expect(decodeProtectedHeader(good)).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt', kid: expect.any(String) });
    expect(statSync(join(folder, 'access-key.json')).mode & 0o777).toBe(0o600);
  });

  it('of other bridges are none', async () => {
    const other = mkdtempSync(join(tmpdir(), 'tonearm-access-'));
    const theirs = await openAccessTokens(other, 'this-bridge');
    expect(await tokens.verify(await theirs.sign(claims))).toBeNull();
    rmSync(other, { recursive: true, force: true });
  });

  it.each([
    ['for other doors', { claims: { aud: 'tonearm-content' } }],
    ['of another issuer', { claims: { iss: 'other-bridge' } }],
    ['without an end', { claims: { exp: undefined } }],
    ['without a grant', { claims: { grant: undefined } }],
    ['of another kind', { header: { typ: 'JWT' } }],
    ['under an unknown key', { header: { kid: 'another-key' } }],
    ['under no key', { header: { kid: undefined } }],
  ])('%s are refused, though we signed them', async (_, change) => {
    expect(await tokens.verify(await signed(change))).toBeNull();
  });

  it('without a signature, or with the public key as a secret, are refused', async () => {
    const header = decodeProtectedHeader(good);
    const none = `${part({ ...header, alg: 'none' })}.${part(claims)}.`;
    expect(await tokens.verify(none)).toBeNull();
    const symmetric = `${part({ ...header, alg: 'HS256' })}.${part(claims)}`;
    const secret = Buffer.from(stored().x, 'base64url');
    const signature = createHmac('sha256', secret).update(symmetric).digest('base64url');
    expect(await tokens.verify(`${symmetric}.${signature}`)).toBeNull();
    const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const forged = await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'EdDSA', ...header }).sign(privateKey);
    expect(await tokens.verify(forged)).toBeNull();
  });

  it('that were changed, or are none, are refused', async () => {
    const [header, , signature] = good.split('.');
    expect(await tokens.verify(`${header}.${part({ ...claims, scope: 'tonearm-accounts' })}.${signature}`)).toBeNull();
    for (const text of ['', 'a.b.c', good.slice(0, -2), `${good}x`, 'x'.repeat(4_000)]) {
      expect(await tokens.verify(text)).toBeNull();
    }
  });
});
