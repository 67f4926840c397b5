/** The suites of the two small stores: on their in-memory twins, and on what real processes use. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenDatabase, openDatabase } from '#bridge/adapters/sqlite/database';
import { SqliteSessionStore } from '#bridge/adapters/sqlite/sqlite-session-store';
import { createMemorySettingsStore } from '#sim/speakers/memory-settings-store';
import { createMemorySessionStore, createSessionDisk } from '#sim/world/memory-session-store';
import { instantClock } from './instant-clock.ts';
import { describeSessionStore } from './session-store.suite.ts';
import { describeSettingsStore } from './settings-store.suite.ts';

function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tonearm-suite-'));
}

describeSettingsStore('in memory', async () => {
  const disk = { written: null };
  return { open: () => createMemorySettingsStore(instantClock, disk), stop: async () => {} };
});

describeSessionStore('in memory', async () => {
  const disk = createSessionDisk();
  return { open: async () => createMemorySessionStore(instantClock, disk), stop: async () => {} };
});

describeSessionStore('SQLite', async () => {
  const folder = await temporaryFolder();
  let open: OpenDatabase | null = null;
  return {
    open: async () => {
      open?.close();
      open = openDatabase(folder);
      return new SqliteSessionStore(open.database);
    },
    stop: async () => {
      open?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
