import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadBridgeId } from './file-bridge-identity.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'tonearm-identity-'));

describe('the bridge’s id', () => {
  it('is made once and kept', () => {
    const dataDir = folder();
    const id = loadBridgeId(dataDir);
    expect(id).toMatch(/^[0-9A-Za-z_-]{22}$/);
    expect(loadBridgeId(dataDir)).toBe(id);
    expect(loadBridgeId(folder())).not.toBe(id);
  });

  it('is made anew when what was kept is none', () => {
    const dataDir = folder();
    writeFileSync(join(dataDir, 'bridge-id'), 'cut');
    const id = loadBridgeId(dataDir);
    expect(readFileSync(join(dataDir, 'bridge-id'), 'utf8')).toBe(`${id}\n`);
  });

  it('says where it cannot be kept', () => {
    expect(() => loadBridgeId('/nowhere/at/all')).toThrow(expect.objectContaining({ code: 'storage.failed' }));
  });
});
