/**
 * With what the bridge answers by TLS: a key of its own in its data folder and a certificate around it, or what somebody
 * gave it. The key is what speakers pin, so a damaged one is said and never replaced; the certificate around it may be.
 */
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecretFile, readSecretFile, writeSecretFile } from '#protocol/adapters/key-file';
import { TonearmError } from '#protocol/vocabulary/errors';
import { makeSelfSignedCertificate } from './self-signed-certificate.ts';

const KEY_FILE = 'tls.key';
const CERTIFICATE_FILE = 'tls.crt';

export interface TlsMaterial {
  /** PEM. */
  readonly key: string;
  /** PEM, the bridge's own first. */
  readonly cert: string;
  /** SHA-256 of the certificate's SubjectPublicKeyInfo: what speakers remember. */
  readonly pin: Uint8Array;
}

/** @throws TonearmError `storage.failed` when it can be neither read nor made, or is damaged */
export function loadOwnTlsMaterial(
  dataDir: string,
  about: { readonly name: string; readonly hosts: readonly string[] },
): TlsMaterial {
  const keyPath = join(dataDir, KEY_FILE);
  const certificatePath = join(dataDir, CERTIFICATE_FILE);
  const key = loadOrCreateKey(keyPath);
  const kept = readSecretFile(certificatePath);
  if (kept !== null && isCertificateOf(kept, key.object)) return { key: key.pem, cert: kept, pin: pinOf(kept) };
  const cert = makeSelfSignedCertificate(key.object, about.name, about.hosts);
  writeSecretFile(certificatePath, cert);
  return { key: key.pem, cert, pin: pinOf(cert) };
}

/** @throws TonearmError `config.invalid` naming the flag */
export function readGivenTlsMaterial(paths: { readonly cert: string; readonly key: string }): TlsMaterial {
  const cert = readGiven(paths.cert, 'tls-cert');
  const key = readGiven(paths.key, 'tls-key');
  const object = parse(() => createPrivateKey(key), `--tls-key: ${paths.key} is no private key in PEM`, 'tls-key');
  const certificate = parse(() => new X509Certificate(cert), `--tls-cert: ${paths.cert} is no certificate`, 'tls-cert');
  if (certificate.checkPrivateKey(object)) return { key, cert, pin: pinOf(cert) };
  throw new TonearmError('config.invalid', `--tls-key: ${paths.key} is not the key of ${paths.cert}`, {
    field: 'tls-key',
  });
}

function loadOrCreateKey(path: string): { readonly pem: string; readonly object: KeyObject } {
  const kept = readSecretFile(path);
  if (kept !== null) {
    try {
      return { pem: kept, object: createPrivateKey(kept) };
    } catch {
      // Its reason is not passed on: it could quote the key.
      throw new TonearmError(
        'storage.failed',
        `${path} is damaged; restore it from a copy, or remove it and pair every speaker anew`,
      );
    }
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // Another bridge of the same folder may have been quicker.
  const pem = createSecretFile(path, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  return { pem, object: createPrivateKey(pem) };
}

function isCertificateOf(pem: string, key: KeyObject): boolean {
  try {
    return new X509Certificate(pem).checkPrivateKey(key);
  } catch {
    return false;
  }
}

function pinOf(cert: string): Uint8Array {
  const spki = new X509Certificate(cert).publicKey.export({ format: 'der', type: 'spki' });
  return new Uint8Array(createHash('sha256').update(spki).digest());
}

function readGiven(path: string, field: string): string {
  return parse(() => readFileSync(path, 'utf8'), `--${field}: ${path} cannot be read`, field);
}

function parse<Value>(read: () => Value, message: string, field: string): Value {
  try {
    return read();
  } catch {
    throw new TonearmError('config.invalid', message, { field });
  }
}
