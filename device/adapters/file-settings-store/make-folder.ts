/**
 * Makes a folder and those above it, the speaker's own (0700).
 *
 * Not `mkdir` with `recursive`: on a file system that refuses with ENOENT although the parent is there (`/proc`, some
 * network mounts) Node's tries for ever, and a mistyped path would hang the start instead of being named.
 */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

const FOLDER_MODE = 0o700;

/** @throws the system's error, e.g. ENOTDIR, EACCES, ENOENT */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  // Ends at the root, which is always there.
  for (let folder = resolve(path); !(await isThere(folder)); folder = dirname(folder)) missing.unshift(folder);
  for (const folder of missing) await make(folder);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return false;
    throw cause;
  }
}

async function make(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: FOLDER_MODE });
  } catch (cause) {
    // Another process was quicker.
    if (codeOf(cause) !== 'EEXIST') throw cause;
  }
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
