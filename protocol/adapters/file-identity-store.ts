/**
 * The identity of a speaker or bridge as one file of its data folder (PKCS #8 in PEM, which other tools read too). A
 * damaged one is said and left alone: with another key nobody would know this speaker or bridge again.
 */
import { join } from 'node:path';
import type { Identity, IdentityStore } from '#protocol/ports/identity';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { identityOf, makePrivateKey, parsePrivateKey } from './ed25519.ts';
import { createSecretFile, readSecretFile, shredSecretFile } from './key-file.ts';

const FILE = 'identity.key';

/** @param folder is there already, and this process's own */
export function createFileIdentityStore(folder: string): IdentityStore {
  const path = join(folder, FILE);
  return {
    loadOrCreate: async () => loadOrCreate(path),
    shred: async () => shredSecretFile(path),
  };
}

function loadOrCreate(path: string): Result<Identity, TonearmError> {
  try {
    const text = readSecretFile(path);
    if (text !== null) return read(path, text);
    return read(path, createSecretFile(path, makePrivateKey().export({ format: 'pem', type: 'pkcs8' }).toString()));
  } catch (thrown) {
    if (thrown instanceof TonearmError) return refused(thrown);
    throw thrown;
  }
}

/** The library's reason is not passed on: it could quote the key. */
function read(path: string, text: string): Result<Identity, TonearmError> {
  try {
    return ok(identityOf(parsePrivateKey(text)));
  } catch {
    return refused(
      new TonearmError(
        'storage.failed',
        `${path} is damaged; restore it from a copy, or reset to begin as somebody new`,
      ),
    );
  }
}
