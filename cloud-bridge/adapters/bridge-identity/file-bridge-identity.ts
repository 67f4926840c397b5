/** Who the bridge is: its key in its data folder, and the id that follows from it, so that a speaker knows it again after a move or an update. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ed25519Check } from '#protocol/adapters/ed25519';
import { createFileIdentityStore } from '#protocol/adapters/file-identity-store';
import type { Identity } from '#protocol/ports/identity';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type BridgeId, bridgeId, ID_PATTERNS } from '#protocol/vocabulary/ids';

/** Of a bridge from before bridges had keys: its speakers know it by that id, so it stays. */
const OLDER_ID_FILE = 'bridge-id';

export interface BridgeIdentity {
  readonly id: BridgeId;
  readonly self: Identity;
}

/** @throws TonearmError `storage.failed` when it can be neither read nor made, or is damaged */
export async function loadBridgeIdentity(dataDir: string): Promise<BridgeIdentity> {
  const loaded = await createFileIdentityStore(dataDir).loadOrCreate();
  if (!loaded.ok) throw loaded.error;
  const self = loaded.value;
  return { id: olderId(dataDir) ?? bridgeId(ed25519Check.idOfPublicKey(self.publicKey)), self };
}

function olderId(dataDir: string): BridgeId | null {
  const path = join(dataDir, OLDER_ID_FILE);
  try {
    const text = readFileSync(path, 'utf8').trim();
    return ID_PATTERNS.token.test(text) ? bridgeId(text) : null;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new TonearmError('storage.failed', `the bridge's id at ${path}: ${String(cause)}`, { cause });
  }
}
