/** HMAC-SHA256 under a key that is made once and kept in the data folder, readable by its owner only. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TokenMac } from '#bridge/core/ports/token-mac';
import { TonearmError } from '#protocol/vocabulary/errors';

const KEY_NAME = 'content-token.key';
const KEY_BYTES = 32;

/** @throws TonearmError `storage.failed` when the key can be neither read nor made */
export function createFileTokenMac(dataDir: string): TokenMac {
  const key = loadKey(join(dataDir, KEY_NAME));
  const macOf = (text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest();
  return {
    sign: (text) => macOf(text).toString('base64url'),
    verify: (text, mac) => {
      const given = Buffer.from(mac, 'base64url');
      const right = macOf(text);
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
}

function loadKey(path: string): Buffer {
  try {
    const key = readFileSync(path);
    if (key.length === KEY_BYTES) return key;
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) {
      throw new TonearmError('storage.failed', `the token key cannot be read: ${String(cause)}`, { cause });
    }
  }
  // A key cut short by a power cut only ends the tokens it signed: they are asked for anew.
  const key = randomBytes(KEY_BYTES);
  writeFileSync(`${path}.new`, key, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  return key;
}
