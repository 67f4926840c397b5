/**
 * One edge to a cache folder: two would write over each other's slots. An SQLite file, because its locks end with the
 * process that holds them, however it ends, so that no stale one can be left.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TonearmError } from '#protocol/vocabulary/errors';

const LOCK_NAME = 'edge.lock';

export interface CacheLock {
  /** Gives the folder up for another edge. Twice is harmless. */
  release(): void;
}

/**
 * @param folder made when it is not there, for its owner only
 * @throws TonearmError `config.data-locked` when another edge has it, `config.invalid` when it cannot be used
 */
export function lockCacheFolder(folder: string): CacheLock {
  let lock: DatabaseSync | null = null;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    lock = new DatabaseSync(join(folder, LOCK_NAME), { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock?.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    const isLocked = reason.includes('locked');
    throw new TonearmError(
      isLocked ? 'config.data-locked' : 'config.invalid',
      isLocked
        ? `another edge is using the cache folder ${folder}`
        : `the cache folder ${folder} cannot be used: ${reason}`,
      { field: 'cache', cause },
    );
  }
  const held = lock;
  let isHeld = true;
  return {
    release: () => {
      if (isHeld) held.close();
      isHeld = false;
    },
  };
}
