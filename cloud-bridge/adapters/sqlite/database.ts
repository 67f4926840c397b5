/**
 * One SQLite file for all that the bridge must remember, opened by one bridge at a time.
 *
 * Write-ahead log with `synchronous = NORMAL`: a killed process loses nothing that was committed; a power cut may lose
 * the last moments but never consistency. A sync per commit would buy those moments with stalls of tens of
 * milliseconds on an SD card, on the thread that answers phones.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TonearmError } from '#protocol/vocabulary/errors';
import { MIGRATIONS } from './migrations.ts';

const DATABASE_NAME = 'tonearm.db';
const LOCK_NAME = 'tonearm.lock';

export interface OpenDatabase {
  readonly database: DatabaseSync;
  /** Gives up the folder for another bridge. Twice is harmless. */
  close(): void;
}

/**
 * @param dataDir made when it is not there, for its owner only
 * @throws TonearmError `config.data-locked` when another bridge has it, `config.invalid` when it cannot be a folder
 */
export function openDatabase(dataDir: string): OpenDatabase {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new TonearmError('config.invalid', `the data folder ${dataDir} cannot be made: ${messageOf(cause)}`, {
      field: 'data',
      cause,
    });
  }
  const lock = lockFolder(dataDir);
  try {
    const path = join(dataDir, DATABASE_NAME);
    const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 2_000 });
    chmodSync(path, 0o600);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    migrate(database);
    let isOpen = true;
    return {
      database,
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        database.close();
        lock.close();
      },
    };
  } catch (cause) {
    lock.close();
    if (cause instanceof TonearmError) throw cause;
    throw new TonearmError('storage.failed', `the database in ${dataDir} cannot be opened: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/**
 * SQLite's own file locks end with the process that holds them, however it ends, so no stale lock can be left. A file
 * apart from the database, since an exclusive lock there would shut out whoever only wants to look.
 */
function lockFolder(dataDir: string): DatabaseSync {
  let lock: DatabaseSync | null = null;
  try {
    lock = new DatabaseSync(join(dataDir, LOCK_NAME), { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock?.close();
    if (!messageOf(cause).includes('locked')) {
      throw new TonearmError('config.invalid', `the data folder ${dataDir} cannot be used: ${messageOf(cause)}`, {
        field: 'data',
        cause,
      });
    }
    throw new TonearmError('config.data-locked', `another bridge is using the data folder ${dataDir}`, {
      field: 'data',
      cause,
    });
  }
}

function migrate(database: DatabaseSync): void {
  const had = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (had > MIGRATIONS.length) {
    throw new TonearmError('config.invalid', 'the data folder was written by a newer version of the bridge', {
      field: 'data',
    });
  }
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < had) continue;
    inTransaction(database, () => {
      database.exec(step);
      database.exec(`PRAGMA user_version = ${index + 1}`);
    });
  }
}

/** Runs `task` as one change: all of it or, when it throws, none. */
export function inTransaction<Value>(database: DatabaseSync, task: () => Value): Value {
  database.exec('BEGIN IMMEDIATE');
  try {
    const value = task();
    database.exec('COMMIT');
    return value;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    if (isFull(error)) {
      throw new TonearmError('storage.full', 'no room to write the catalogue: free some space and it goes on', {
        cause: error,
      });
    }
    throw error;
  }
}

/** SQLITE_FULL of SQLite's result codes. */
const SQLITE_FULL = 13;

function isFull(thrown: unknown): boolean {
  return thrown instanceof Error && 'errcode' in thrown && thrown.errcode === SQLITE_FULL;
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
