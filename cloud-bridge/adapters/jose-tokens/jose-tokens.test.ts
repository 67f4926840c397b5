import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompactSign, generateKeyPair } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContentTokenSigner } from '#bridge/core/ports/content-token-signer';
import { fileId, speakerId } from '#protocol/vocabulary/ids';
import { CONTENT_TOKEN_AUDIENCE, type ContentClaims } from '#protocol/wire/content-token';
import { openFileTokenSigner } from './file-token-signer.ts';
import { JoseTokenVerifier } from './jose-token-verifier.ts';

const claims: ContentClaims = {
  aud: CONTENT_TOKEN_AUDIENCE,
  iss: 'bridge',
  sub: 'household',
  spk: speakerId('S'.repeat(22)),
  files: [fileId('a'.repeat(64))],
  nbf: 1_000,
  exp: 2_000,
  jti: 'token-one',
};
const DAY_MS = 86_400_000;

let folder = '';
let nowMs = 0;
const clock = { wallMs: () => nowMs };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-keys-'));
  nowMs = 1_000_000;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function verifierOf(signer: ContentTokenSigner): Promise<JoseTokenVerifier> {
  const verifier = new JoseTokenVerifier();
  await verifier.useKeys(signer.keys());
  return verifier;
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('signing keys', () => {
  it('sign the same after a restart, and are for their owner’s eyes only', async () => {
    const first = await openFileTokenSigner({ clock, dataDir: folder });
    expect(statSync(join(folder, 'content-keys.json')).mode & 0o077).toBe(0);
    const again = await openFileTokenSigner({ clock, dataDir: folder });
    expect(again.keys()).toEqual(first.keys());
    expect(await (await verifierOf(again)).verify(await first.sign(claims))).toEqual({ kind: 'good', claims });
  });

  it('are made anew when their file was cut short', async () => {
    await openFileTokenSigner({ clock, dataDir: folder });
    const path = join(folder, 'content-keys.json');
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40));
    const signer = await openFileTokenSigner({ clock, dataDir: folder });
    expect((await (await verifierOf(signer)).verify(await signer.sign(claims))).kind).toBe('good');
  });

  it('give way to another, and stay good until their last token has expired', async () => {
    const signer = await openFileTokenSigner({ clock, dataDir: folder });
    const old = await signer.sign(claims);
    nowMs += 1000;
    await signer.rotate();
    expect([signer.keys().length, signer.signingSinceS()]).toEqual([2, 1_001]);
    const after = await openFileTokenSigner({ clock, dataDir: folder });
    const verifier = await verifierOf(after);
    expect((await verifier.verify(old)).kind).toBe('good');
    expect((await verifier.verify(await after.sign(claims))).kind).toBe('good');
    expect(JSON.stringify(after.keys())).not.toContain('"d"');
    nowMs += 2 * DAY_MS;
    expect(after.keys().length).toBe(1);
    await verifier.useKeys(after.keys());
    expect(await verifier.verify(old)).toMatchObject({ kind: 'unknownKey' });
  });

  it('keep no private half of a key that signs no more', async () => {
    const signer = await openFileTokenSigner({ clock, dataDir: folder });
    await signer.rotate();
    const stored = JSON.parse(readFileSync(join(folder, 'content-keys.json'), 'utf8'));
    expect(stored.keys.map((it: { d: string | null }) => it.d === null)).toEqual([false, true]);
  });
});

describe('a forged token is bad', () => {
  let signer: ContentTokenSigner;
  let verifier: JoseTokenVerifier;
  let kid = '';
  beforeEach(async () => {
    signer = await openFileTokenSigner({ clock, dataDir: folder });
    verifier = await verifierOf(signer);
    kid = signer.keys()[0]?.kid ?? '';
  });

  it('with alg none', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      expect(await verifier.verify(`${part({ alg, kid })}.${part(claims)}.`)).toEqual({ kind: 'bad' });
    }
  });

  it('with HS256 under the public key', async () => {
    const signed = `${part({ alg: 'HS256', kid })}.${part(claims)}`;
    const mac = createHmac('sha256', Buffer.from(signer.keys()[0]?.x ?? '', 'base64url')).update(signed);
    expect(await verifier.verify(`${signed}.${mac.digest('base64url')}`)).toEqual({ kind: 'bad' });
  });

  it('by another key that calls itself ours, or brings its own along', async () => {
    const { privateKey } = await generateKeyPair('EdDSA', { extractable: true });
    for (const header of [
      { alg: 'EdDSA', kid },
      { alg: 'EdDSA', kid, jwk: { kty: 'OKP' } },
    ]) {
      const payload = Buffer.from(JSON.stringify(claims));
      const forged = await new CompactSign(payload).setProtectedHeader(header).sign(privateKey);
      expect(await verifier.verify(forged)).toEqual({ kind: 'bad' });
    }
  });

  it('with any bit of payload or signature flipped', async () => {
    const token = await signer.sign(claims);
    const [header = '', payload = '', signature = ''] = token.split('.');
    for (const [which, text] of [payload, signature].entries()) {
      const bytes = Buffer.from(text, 'base64url');
      for (let at = 0; at < bytes.length; at += 7) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        const changed = flipped.toString('base64url');
        const forged = which === 0 ? `${header}.${changed}.${signature}` : `${header}.${payload}.${changed}`;
        expect((await verifier.verify(forged)).kind).toBe('bad');
      }
    }
  });

  it('with claims of another form, though signed by us', async () => {
    for (const change of [{ aud: 'other' }, { files: [] }, { files: ['x'] }, { exp: 'soon' }, { jti: '' }]) {
      const signed = await signer.sign({ ...claims, ...change } as ContentClaims);
      expect(await verifier.verify(signed)).toEqual({ kind: 'bad' });
    }
  });

  it.each(['', '.', '..', 'a.b.c', 'e30.e30.', `${'A'.repeat(50_000)}.A.A`, '\u0000.\u0000.\u0000'])(
    'like %s',
    async (token) => {
      expect(await verifier.verify(token)).toEqual({ kind: 'bad' });
    },
  );

  it('by a key nobody knows, and is said to be so', async () => {
    const other = `${part({ alg: 'EdDSA', kid: 'elsewhere' })}.${part(claims)}.AAAA`;
    expect(await verifier.verify(other)).toEqual({ kind: 'unknownKey', kid: 'elsewhere' });
  });
});
