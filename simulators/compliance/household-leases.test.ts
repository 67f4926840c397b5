import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type OpenDatabase, openDatabase } from '#bridge/adapters/sqlite/database';
import { SqliteHouseholdLease } from '#bridge/adapters/sqlite/sqlite-household-lease';
import { SqliteSessionStore } from '#bridge/adapters/sqlite/sqlite-session-store';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import type { SessionStore } from '#bridge/core/ports/session-store';
import { createLeaseDisk, createMemoryHouseholdLease } from '#sim/world/memory-household-lease';
import { householdLeaseSuite } from './household-lease.suite.ts';

const opened: OpenDatabase[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const it of opened.splice(0)) it.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tonearm-lease-'));
  folders.push(folder);
  return folder;
}

function open(folder: string, node: string | null): OpenDatabase {
  const database = openDatabase(folder, node);
  opened.push(database);
  return database;
}

householdLeaseSuite('in memory', () => {
  const disk = createLeaseDisk();
  return [createMemoryHouseholdLease(disk), createMemoryHouseholdLease(disk)];
});

householdLeaseSuite('in a file that two nodes share', () => {
  const folder = newFolder();
  return [
    new SqliteHouseholdLease(open(folder, 'one').database),
    new SqliteHouseholdLease(open(folder, 'two').database),
  ];
});

describe('a data folder', () => {
  it('is one bridge’s, or that of nodes of different names', () => {
    const alone = newFolder();
    open(alone, null);
    expect(() => openDatabase(alone)).toThrow(expect.objectContaining({ code: 'config.data-locked' }));
    expect(() => openDatabase(alone, 'one')).toThrow(expect.objectContaining({ code: 'config.data-locked' }));
    const shared = newFolder();
    open(shared, 'one');
    open(shared, 'two');
    expect(() => openDatabase(shared, 'two')).toThrow(expect.objectContaining({ code: 'config.data-locked' }));
    expect(() => openDatabase(shared)).toThrow(expect.objectContaining({ code: 'config.data-locked' }));
  });

  it('has one keeper, and another when that has gone', () => {
    const folder = newFolder();
    const one = open(folder, 'one');
    const two = open(folder, 'two');
    expect([one.keep(), two.keep(), one.keep()]).toEqual([true, false, true]);
    one.close();
    expect(two.keep()).toBe(true);
    expect(open(newFolder(), null).keep()).toBe(true);
  });
});

describe('sessions under a lease', () => {
  it('are written in the term alone', async () => {
    const { database } = open(newFolder(), 'one');
    const lease = new SqliteHouseholdLease(database);
    const sessions = new SqliteSessionStore(database);
    const first = lease.fence(sessions, (await lease.take('one', await lease.read())) ?? -1);
    const accountId = HOUSE_ACCOUNT;
    const stored = { accountId, name: null, epoch: 3, activeSpeakerId: null, state: null, history: [] };
    const epochOf = async (store: SessionStore) => (await store.loadSessions())[0]?.epoch;
    await first.saveSession(stored);
    expect(await epochOf(first)).toBe(3);
    const second = lease.fence(sessions, (await lease.take('two', await lease.read())) ?? -1);
    await expect(first.saveSession({ ...stored, epoch: 4 })).rejects.toMatchObject({ code: 'storage.failed' });
    expect(await epochOf(second)).toBe(3);
    await second.saveSession({ ...stored, epoch: 5 });
    expect(await epochOf(first)).toBe(5);
  });

  it('share a key that no other household has', () => {
    const keyOf = () =>
      Buffer.from(new SqliteHouseholdLease(open(newFolder(), null).database).busKey()).toString('hex');
    const [one, two] = [keyOf(), keyOf()];
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(one).not.toBe(two);
  });
});
