import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ed25519Check } from '#protocol/adapters/ed25519';
import { loadBridgeIdentity } from './file-bridge-identity.ts';

const folders: string[] = [];
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'tonearm-identity-'));
  folders.push(made);
  return made;
};
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true });
});

describe('who the bridge is', () => {
  it('is made once and kept, its id by its key', async () => {
    const dataDir = folder();
    const { id, self } = await loadBridgeIdentity(dataDir);
    expect(id).toBe(ed25519Check.idOfPublicKey(self.publicKey));
    expect((await loadBridgeIdentity(dataDir)).id).toBe(id);
    expect((await loadBridgeIdentity(folder())).id).not.toBe(id);
    expect(statSync(join(dataDir, 'identity.key')).mode & 0o777).toBe(0o600);
  });

  it('keeps the id that an older one had, and gets a key beside it', async () => {
    const dataDir = folder();
    writeFileSync(join(dataDir, 'bridge-id'), 'older-bridge-id-9876ab\n');
    const first = await loadBridgeIdentity(dataDir);
    const second = await loadBridgeIdentity(dataDir);
    expect([first.id, second.id]).toEqual(['older-bridge-id-9876ab', 'older-bridge-id-9876ab']);
    expect(second.self.publicKey).toEqual(first.self.publicKey);
  });

  it('takes the id of its key when the older one was cut', async () => {
    const dataDir = folder();
    writeFileSync(join(dataDir, 'bridge-id'), 'cut');
    const { id, self } = await loadBridgeIdentity(dataDir);
    expect(id).toBe(ed25519Check.idOfPublicKey(self.publicKey));
  });

  it('is said when it cannot be kept, or is damaged', async () => {
    await expect(loadBridgeIdentity('/nowhere/at/all')).rejects.toMatchObject({ code: 'storage.failed' });
    const dataDir = folder();
    writeFileSync(join(dataDir, 'identity.key'), 'not a key');
    await expect(loadBridgeIdentity(dataDir)).rejects.toMatchObject({ code: 'storage.failed' });
  });
});
