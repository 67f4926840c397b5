import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileOwnershipStore, OWNERSHIP_FILE } from '#device/adapters/file-ownership-store/file-ownership-store';
import {
  createFilePairingMemory,
  LABEL_FILE,
  PAIRING_FILE,
} from '#device/adapters/file-ownership-store/file-pairing-memory';
import {
  createPairingDisk,
  createVirtualOwnershipStore,
  createVirtualPairingMemory,
} from '#sim/pairing/virtual-pairing-memory';
import { describeOwnershipStore } from './ownership-store.suite.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'tonearm-ownership-'));

describeOwnershipStore('file', async () => {
  const folder = newFolder();
  const label = join(folder, LABEL_FILE);
  return {
    open: () => ({ ownership: createFileOwnershipStore(folder), memory: createFilePairingMemory(folder) }),
    damage: async () => writeFileSync(join(folder, OWNERSHIP_FILE), '{"householdId":'),
    label: async () => (existsSync(label) ? readFileSync(label, 'utf8') : null),
    stop: async () => rmSync(folder, { recursive: true }),
  };
});

describeOwnershipStore('virtual', async () => {
  const disk = createPairingDisk();
  return {
    open: () => ({ ownership: createVirtualOwnershipStore(disk), memory: createVirtualPairingMemory(disk) }),
    damage: async () => {
      disk.isDamaged = true;
    },
    label: async () => disk.label,
    stop: async () => undefined,
  };
});

describe('the files of pairing', () => {
  it('are their owner’s alone', async () => {
    const folder = newFolder();
    const memory = createFilePairingMemory(folder);
    await memory.saveFailures(1);
    await memory.writeLabel('123 456 789\n');
    for (const file of [PAIRING_FILE, LABEL_FILE]) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    rmSync(folder, { recursive: true });
  });

  it('with a count that cannot be read do not count from zero again', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, PAIRING_FILE), '{"failures":-1}');
    await expect(createFilePairingMemory(folder).failures()).rejects.toMatchObject({ code: 'storage.failed' });
    rmSync(folder, { recursive: true });
  });
});
