/** The bridge's id, made once and kept in its data folder, so that a speaker knows it again after a move or an update. */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type BridgeId, bridgeId, ID_PATTERNS } from '#protocol/vocabulary/ids';

const FILE_NAME = 'bridge-id';
/** 128 bits, 22 characters of base64url. */
const ID_BYTES = 16;

/** @throws TonearmError `storage.failed` when it can be neither read nor made */
export function loadBridgeId(dataDir: string): BridgeId {
  const path = join(dataDir, FILE_NAME);
  try {
    const text = readFileSync(path, 'utf8').trim();
    if (ID_PATTERNS.token.test(text)) return bridgeId(text);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw failed(path, cause);
  }
  const id = bridgeId(randomBytes(ID_BYTES).toString('base64url'));
  try {
    // Renamed into place: half an id would be another one.
    writeFileSync(`${path}.new`, `${id}\n`, { flush: true });
    renameSync(`${path}.new`, path);
  } catch (cause) {
    throw failed(path, cause);
  }
  return id;
}

function failed(path: string, cause: unknown): TonearmError {
  return new TonearmError('storage.failed', `the bridge's id at ${path}: ${String(cause)}`, { cause });
}
