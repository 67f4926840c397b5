/** The suites of the two small stores: on their in-memory twins, and on what real processes use. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenDatabase, openDatabase } from '#bridge/adapters/sqlite/database';
import { SqliteAccessStore } from '#bridge/adapters/sqlite/sqlite-access-store';
import { SqliteAccountsStore } from '#bridge/adapters/sqlite/sqlite-accounts-store';
import { SqlitePairedSpeakers } from '#bridge/adapters/sqlite/sqlite-paired-speakers';
import { SqliteSessionStore } from '#bridge/adapters/sqlite/sqlite-session-store';
import { VirtualDisk } from '#sim/files/virtual-disk';
import { createMemorySettingsStore } from '#sim/speakers/memory-settings-store';
import { createAccessDisk, createMemoryAccessStore } from '#sim/world/memory-access-store';
import { createAccountsDisk, createMemoryAccountsStore } from '#sim/world/memory-accounts-store';
import { createMemoryPairedSpeakers, type PairedDisk } from '#sim/world/memory-paired-speakers';
import { createMemorySessionStore, createSessionDisk } from '#sim/world/memory-session-store';
import { SeededRandom } from '#sim/world/seeded-random';
import { describeAccessStore } from './access-store.suite.ts';
import { describeAccountsStore } from './accounts-store.suite.ts';
import { instantClock } from './instant-clock.ts';
import { describePairedSpeakers } from './paired-speakers.suite.ts';
import { describeSessionStore } from './session-store.suite.ts';
import { describeSettingsStore } from './settings-store.suite.ts';

function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tonearm-suite-'));
}

describeSettingsStore('in memory', async () => {
  const disk = { written: null };
  return { open: () => createMemorySettingsStore(instantClock, disk), stop: async () => {} };
});

describeSettingsStore('on a virtual disk', async () => {
  const disk = { written: null };
  const medium = new VirtualDisk(instantClock, new SeededRandom(1), 1);
  return { open: () => createMemorySettingsStore(instantClock, disk, medium), stop: async () => {} };
});

describeSessionStore('on a virtual disk', async () => {
  const disk = createSessionDisk();
  const medium = new VirtualDisk(instantClock, new SeededRandom(1), 1);
  return { open: async () => createMemorySessionStore(instantClock, disk, medium), stop: async () => {} };
});

describeSessionStore('in memory', async () => {
  const disk = createSessionDisk();
  return { open: async () => createMemorySessionStore(instantClock, disk), stop: async () => {} };
});

describeSessionStore('SQLite', () => onSqlite((opened) => new SqliteSessionStore(opened.database)));

describeAccessStore('in memory', async () => {
  const disk = createAccessDisk();
  return { open: async () => createMemoryAccessStore(disk), stop: async () => {} };
});

describeAccessStore('SQLite', () => onSqlite((opened) => new SqliteAccessStore(opened.database)));

describeAccountsStore('in memory', async () => {
  const disk = createAccountsDisk();
  return { open: async () => createMemoryAccountsStore(disk), stop: async () => {} };
});

describeAccountsStore('SQLite', () => onSqlite((opened) => new SqliteAccountsStore(opened.database)));

describePairedSpeakers('in memory', async () => {
  const disk: PairedDisk = new Map();
  return { open: async (max?: number) => createMemoryPairedSpeakers(disk, max), stop: async () => {} };
});

describePairedSpeakers('SQLite', () => onSqlite((opened, max) => new SqlitePairedSpeakers(opened.database, max)));

/** A place whose stores share one database file, closed and opened again between them. */
async function onSqlite<Store>(create: (opened: OpenDatabase, max?: number) => Store) {
  const folder = await temporaryFolder();
  let opened: OpenDatabase | null = null;
  return {
    open: async (max?: number) => {
      opened?.close();
      opened = openDatabase(folder);
      return create(opened, max);
    },
    stop: async () => {
      opened?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
