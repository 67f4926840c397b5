/**
 * The keys of those who publish: three roots, of which two are enough, one for releases, one for stamps. Each is a file of
 * its own that only its owner can read, so that they can be carried to different places; `keys.json` is the root of trust,
 * which is public and goes into the package.
 */
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ed25519Check, identityOf, makePrivateKey, parsePrivateKey } from '#protocol/adapters/ed25519';
import { createSecretFile, readSecretFile } from '#protocol/adapters/key-file';
import { readJson, writeJson } from '#protocol/adapters/release-folder';
import { base64url } from '#protocol/kit/base64url';
import { followRoots, readFirstRoot } from '#protocol/kit/update-trust';
import type { Identity } from '#protocol/ports/identity';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type SignedText, signedTextSchema, UPDATE_PRODUCT, type UpdateRoot } from '#protocol/wire/update';
import { signText } from './sign-text.ts';

export const ROOT_NAMES = ['root-1', 'root-2', 'root-3'] as const;
export const THRESHOLD = 2;
/** The root of trust, newest; those before it lie in `roots/`. */
export const KEYS_FILE = 'keys.json';
/** What can be replaced by a rotation. */
export const KEY_NAMES = [...ROOT_NAMES, 'release', 'stamp'] as const;
export type KeyName = (typeof KEY_NAMES)[number];

export interface Root {
  readonly root: UpdateRoot;
  readonly signed: SignedText;
}

/** Makes all five. @throws TonearmError `config.invalid` where there are keys already */
export function generateKeys(folder: string, nowMs: number): Root {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const there = readdirSync(folder).find((name) => name.endsWith('.key') || name === KEYS_FILE);
  if (there !== undefined) throw new TonearmError('config.invalid', `there are keys in ${folder} already (${there})`);
  const keys = Object.fromEntries(KEY_NAMES.map((name) => [name, makeKey(folder, name)])) as Record<KeyName, Identity>;
  const root: UpdateRoot = {
    ...{ format: 1, kind: 'root', product: UPDATE_PRODUCT, version: 1, createdMs: nowMs, threshold: THRESHOLD },
    rootKeys: ROOT_NAMES.map((name) => publicName(keys[name])),
    releaseKeys: [publicName(keys.release)],
    stampKeys: [publicName(keys.stamp)],
  };
  return keepRoot(
    folder,
    signText(
      'root',
      root,
      ROOT_NAMES.map((name) => keys[name]),
    ),
  );
}

/**
 * Replaces one key: a new root, signed by the threshold of the old one's keys and of its own. The old key is kept, as
 * `NAME.key.retired-VERSION`.
 * @param signers files of root keys; the new root key signs too
 * @throws TonearmError `config.invalid` when the signers are too few
 */
export function rotateKey(folder: string, name: KeyName, signers: readonly string[], nowMs: number): Root {
  const old = readRoot(folder);
  const signing = signers.map(readKey);
  const next = { ...old.root, version: old.root.version + 1, createdMs: nowMs };
  const fresh = makePrivateKey();
  const [was, is] = [keyIn(old.root, name), publicName(identityOf(fresh))];
  const swap = (keys: readonly string[]) => keys.map((key) => (key === was ? is : key));
  const root: UpdateRoot = {
    ...next,
    rootKeys: swap(old.root.rootKeys),
    releaseKeys: swap(old.root.releaseKeys),
    stampKeys: swap(old.root.stampKeys),
  };
  const isRoot = root.rootKeys.includes(is);
  const signed = signText('root', root, isRoot ? [...signing, identityOf(fresh)] : signing);
  const followed = followRoots(ed25519Check, old.root, [signed]);
  if (!followed.ok) throw new TonearmError('config.invalid', `${followed.error.message}; give more keys with --signer`);
  const path = join(folder, `${name}.key`);
  // One that was lost is why there is a rotation.
  if (existsSync(path)) renameSync(path, `${path}.retired-${old.root.version}`);
  createSecretFile(path, pemOf(fresh));
  return keepRoot(folder, signed);
}

/** The newest root. @throws TonearmError `config.invalid` when it is none, or not signed */
export function readRoot(folder: string): Root {
  const signed = readJson(signedTextSchema, join(folder, KEYS_FILE));
  const root = readFirstRoot(ed25519Check, signed);
  if (!root.ok) throw new TonearmError('config.invalid', `${join(folder, KEYS_FILE)}: ${root.error.message}`);
  return { root: root.value, signed };
}

/** @throws TonearmError `config.invalid`; never says what is in the file */
export function readKey(path: string): Identity {
  const pem = readSecretFile(path);
  if (pem === null) throw new TonearmError('config.invalid', `there is no key ${path}`, { field: path });
  try {
    return identityOf(parsePrivateKey(pem));
  } catch {
    throw new TonearmError('config.invalid', `${basename(path)} is no Ed25519 key in PEM`, { field: path });
  }
}

/** As it stands in roots and signatures. */
export function publicName({ publicKey }: Identity): string {
  return base64url(publicKey);
}

/** Keys keep their place in the lists, so that their names do. */
function keyIn(root: UpdateRoot, name: KeyName): string {
  const index = KEY_NAMES.indexOf(name);
  const key = name === 'release' ? root.releaseKeys[0] : name === 'stamp' ? root.stampKeys[0] : root.rootKeys[index];
  if (key === undefined) throw new TonearmError('config.invalid', `root ${root.version} has no key ${name}`);
  return key;
}

function keepRoot(folder: string, signed: SignedText): Root {
  const root = readFirstRoot(ed25519Check, signed);
  if (!root.ok) throw root.error;
  writeJson(join(folder, 'roots', `${root.value.version}.json`), signed);
  writeJson(join(folder, KEYS_FILE), signed);
  return { root: root.value, signed };
}

function makeKey(folder: string, name: KeyName): Identity {
  const key = makePrivateKey();
  createSecretFile(join(folder, `${name}.key`), pemOf(key));
  return identityOf(key);
}

function pemOf(key: ReturnType<typeof makePrivateKey>): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}
