/** The suites of the two small stores on their in-memory twins. */
import { createMemorySettingsStore } from '#sim/speakers/memory-settings-store';
import { createMemorySessionStore, createSessionDisk } from '#sim/world/memory-session-store';
import { instantClock } from './instant-clock.ts';
import { describeSessionStore } from './session-store.suite.ts';
import { describeSettingsStore } from './settings-store.suite.ts';

describeSettingsStore('in memory', async () => {
  const disk = { written: null };
  return { open: () => createMemorySettingsStore(instantClock, disk), stop: async () => {} };
});

describeSessionStore('in memory', async () => {
  const disk = createSessionDisk();
  return { open: async () => createMemorySessionStore(instantClock, disk), stop: async () => {} };
});
