import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileSlotStore } from '#device/adapters/file-slot-store/file-slot-store';
import type { SlotVersion } from '#protocol/wire/update';
import { VirtualSlotStore } from '#sim/updates/virtual-slot-store';
import { slotStoreSuite } from './slot-store.suite.ts';

const version: SlotVersion = { format: 1, version: '0.1.0', seq: 1, arch: 'x64', sizeBytes: 3, sha256: '0'.repeat(64) };

slotStoreSuite('FileSlotStore', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slots-'));
  const place = { folder: join(folder, 'firmware'), factory: join(folder, 'factory') };
  return {
    store: createFileSlotStore(place),
    reopened: () => createFileSlotStore(place),
    close: () => rm(folder, { recursive: true }),
  };
});

slotStoreSuite('VirtualSlotStore', async () => {
  const store = new VirtualSlotStore({ factory: { version, content: new Uint8Array(3) } });
  return { store, reopened: () => store, close: async () => {} };
});
