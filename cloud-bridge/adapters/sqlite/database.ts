/**
 * One SQLite file for all that the bridge must remember, opened by one bridge at a time, or by several that know of each
 * other: the nodes of one household on one machine.
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
/** Held by the one node that reads folders and clears up. */
const KEEPER_LOCK_NAME = 'tonearm-keeper.lock';

export interface OpenDatabase {
  readonly database: DatabaseSync;
  /** True when this bridge, of all that share the folder, is the one that reads music and clears up; asks for it if it is not. */
  keep(): boolean;
  /** Gives up the folder for another bridge. Twice is harmless. */
  close(): void;
}

/**
 * @param dataDir made when it is not there, for its owner only
 * @param node this bridge's name among several that share the folder; null: it is alone, and nobody else may come
 * @throws TonearmError `config.data-locked` when another bridge has it, `config.invalid` when it cannot be a folder
 */
export function openDatabase(dataDir: string, node: string | null = null): OpenDatabase {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new TonearmError('config.invalid', `the data folder ${dataDir} cannot be made: ${messageOf(cause)}`, {
      field: 'data',
      cause,
    });
  }
  const locks = new FolderLocks(dataDir, node);
  try {
    const path = join(dataDir, DATABASE_NAME);
    const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 2_000 });
    chmodSync(path, 0o600);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    // In one change, so that two nodes that start together do not both make a step.
    inTransaction(database, () => migrate(database));
    let isOpen = true;
    return {
      database,
      keep: () => locks.keep(),
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        database.close();
        locks.close();
      },
    };
  } catch (cause) {
    locks.close();
    if (cause instanceof TonearmError) throw cause;
    throw new TonearmError('storage.failed', `the database in ${dataDir} cannot be opened: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/**
 * SQLite's own file locks end with the process that holds them, however it ends, so no stale lock can be left. Files
 * apart from the database, since an exclusive lock there would shut out whoever only wants to look.
 */
class FolderLocks {
  readonly #dataDir: string;
  readonly #held: DatabaseSync[] = [];
  #isKeeper: boolean;

  /** @throws TonearmError `config.data-locked` when somebody else is there who does not share, or has this name */
  constructor(dataDir: string, node: string | null) {
    this.#dataDir = dataDir;
    this.#isKeeper = node === null;
    try {
      this.#take(LOCK_NAME, node === null ? 'exclusive' : 'shared', 'another bridge is using the data folder');
      if (node !== null) this.#take(`tonearm-node-${node}.lock`, 'exclusive', `another node is called ${node} in`);
    } catch (cause) {
      this.close();
      throw cause;
    }
  }

  keep(): boolean {
    if (this.#isKeeper) return true;
    try {
      this.#take(KEEPER_LOCK_NAME, 'exclusive', 'another node keeps');
      this.#isKeeper = true;
    } catch (cause) {
      if (!(cause instanceof TonearmError) || cause.code !== 'config.data-locked') throw cause;
    }
    return this.#isKeeper;
  }

  close(): void {
    for (const lock of this.#held.splice(0)) lock.close();
  }

  #take(name: string, kind: 'exclusive' | 'shared', refusal: string): void {
    let lock: DatabaseSync | null = null;
    try {
      lock = new DatabaseSync(join(this.#dataDir, name), { timeout: 0 });
      // A shared lock is had by the first read, and kept while its transaction lasts.
      if (kind === 'exclusive') lock.exec('BEGIN EXCLUSIVE');
      else lock.exec('BEGIN; SELECT count(*) FROM sqlite_schema;');
      this.#held.push(lock);
    } catch (cause) {
      lock?.close();
      const isLocked = messageOf(cause).includes('locked');
      const message = isLocked
        ? `${refusal} ${this.#dataDir}`
        : `the data folder ${this.#dataDir} cannot be used: ${messageOf(cause)}`;
      const code = isLocked ? 'config.data-locked' : 'config.invalid';
      throw new TonearmError(code, message, { field: 'data', cause });
    }
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

/** Runs `task` as one change: all of it or, when it throws, none. A change within a change is a part of that. */
export function inTransaction<Value>(database: DatabaseSync, task: () => Value): Value {
  if (database.isTransaction) return task();
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
