import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ed25519Check } from './ed25519.ts';
import { createFileIdentityStore } from './file-identity-store.ts';
import { createSecretFile, shredSecretFile } from './key-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-key-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = () => join(folder, 'identity.key');

describe('an identity’s file', () => {
  it('is its owner’s alone, and nothing is left beside it', async () => {
    await createFileIdentityStore(folder).loadOrCreate();
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['identity.key']);
  });

  it.each([0, 1, 60])('cut to %i bytes is an error that names it, shows nothing of it, and stays', async (length) => {
    const store = createFileIdentityStore(folder);
    await store.loadOrCreate();
    const [, secret = ''] = readFileSync(path(), 'utf8').split('\n');
    truncateSync(path(), length);
    const loaded = await store.loadOrCreate();
    expect(loaded).toMatchObject({ ok: false, error: { code: 'storage.failed' } });
    if (!loaded.ok) {
      expect(loaded.error.message).toContain(path());
      expect(`${loaded.error.message} ${String(loaded.error.cause)}`).not.toContain(secret.slice(0, 20));
    }
    expect(statSync(path()).size).toBe(length);
  });

  it('that cannot be written is said', async () => {
    const loaded = await createFileIdentityStore(join(folder, 'nowhere')).loadOrCreate();
    expect(loaded).toMatchObject({ ok: false, error: { code: 'storage.failed' } });
  });

  it('is overwritten before it is removed, with what a power cut left beside it', () => {
    const fresh = `${path()}.new`;
    for (const file of [path(), fresh]) writeFileSync(file, 'secret');
    shredSecretFile(path());
    expect([existsSync(path()), existsSync(fresh)]).toEqual([false, false]);
  });
});

describe('a secret’s file', () => {
  it('is what the quicker of two processes wrote, for both', () => {
    expect(createSecretFile(path(), 'first')).toBe('first');
    expect(createSecretFile(path(), 'second')).toBe('first');
    expect(readdirSync(folder)).toEqual(['identity.key']);
  });

  it('takes what a power cut left beside it with it', () => {
    for (const name of ['identity.key', 'identity.key.new', 'identity.key.new-0a', 'identity.keys']) {
      writeFileSync(join(folder, name), 'secret');
    }
    shredSecretFile(path());
    expect(readdirSync(folder)).toEqual(['identity.keys']);
  });
});

describe('Ed25519', () => {
  it('agrees with the first test of RFC 8032 section 7.1', () => {
    const publicKey = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
    const signature = Buffer.from(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
      'hex',
    );
    expect(ed25519Check.isSignedBy(publicKey, new Uint8Array(), signature)).toBe(true);
    expect(ed25519Check.isSignedBy(publicKey, Uint8Array.of(0), signature)).toBe(false);
  });
});
