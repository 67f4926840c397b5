/**
 * Files that hold one secret each: only their owner can read them, they appear whole or not at all, and they are
 * overwritten before they are removed.
 *
 * Overwriting reaches the bytes of an ordinary disk. Flash and copying file systems may keep old ones elsewhere; what
 * helps there is that a forgotten key is worth nothing, since the other side forgets it too.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TonearmError } from '#protocol/vocabulary/errors';

const FILE_MODE = 0o600;
/** A key is a few hundred bytes; a larger file is none of ours. */
const FILE_BYTES_MAX = 16 * 1024;
/** What file systems say that know no second name of a file, as memory cards have them. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);
/** Tells the files of processes that make the same one at once. */
const NONCE_BYTES = 8;

/** @returns null when there is none. @throws TonearmError `storage.failed` */
export function readSecretFile(path: string): string | null {
  try {
    if (statSync(path).size > FILE_BYTES_MAX) throw new Error(`larger than ${FILE_BYTES_MAX} bytes`);
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null;
    throw failed(`cannot read ${path}`, cause);
  }
}

/** Beside it first, then in its place in one step. @throws TonearmError `storage.failed` */
export function writeSecretFile(path: string, text: string): void {
  const fresh = freshPathOf(path);
  try {
    // A leftover of a power cut may have another mode.
    rmSync(fresh, { force: true });
    overwrite(fresh, 'wx', Buffer.from(text, 'utf8'));
    renameSync(fresh, path);
    syncFolderOf(path);
  } catch (cause) {
    throw failed(`cannot write ${path}`, cause);
  }
}

/**
 * Makes it where there is none. Of several processes that do so at once one wins, and all have what it wrote.
 * @returns what the file holds. @throws TonearmError `storage.failed`
 */
export function createSecretFile(path: string, text: string): string {
  const fresh = `${freshPathOf(path)}-${randomBytes(NONCE_BYTES).toString('hex')}`;
  try {
    overwrite(fresh, 'wx', Buffer.from(text, 'utf8'));
    try {
      linkSync(fresh, path);
    } catch (cause) {
      const code = codeOf(cause) ?? '';
      if (NO_LINKS.has(code)) renameSync(fresh, path);
      else if (code !== 'EEXIST') throw cause;
    }
    rmSync(fresh, { force: true });
    syncFolderOf(path);
  } catch (cause) {
    throw failed(`cannot make ${path}`, cause);
  }
  return readSecretFile(path) ?? text;
}

/** Also what a power cut left beside it. Without one: harmless. @throws TonearmError `storage.failed` */
export function shredSecretFile(path: string): void {
  for (const each of [path, ...leftBeside(path)]) {
    try {
      const found = statSync(each, { throwIfNoEntry: false });
      if (found === undefined) continue;
      if (found.isFile()) overwrite(each, 'r+', Buffer.alloc(Math.min(found.size, FILE_BYTES_MAX)));
      rmSync(each, { force: true });
      syncFolderOf(each);
    } catch (cause) {
      throw failed(`cannot shred ${each}`, cause);
    }
  }
}

function leftBeside(path: string): string[] {
  const folder = dirname(path);
  const beginning = basename(freshPathOf(path));
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith(beginning))
    .map((name) => join(folder, name));
}

function freshPathOf(path: string): string {
  return `${path}.new`;
}

function overwrite(path: string, flags: 'wx' | 'r+', content: Buffer): void {
  const file = openSync(path, flags, FILE_MODE);
  try {
    for (let at = 0; at < content.length; ) at += writeSync(file, content, at, content.length - at, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolderOf(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function failed(what: string, cause: unknown): TonearmError {
  const why = codeOf(cause) ?? (cause instanceof Error ? cause.message : String(cause));
  return new TonearmError('storage.failed', `${what}: ${why}`, { cause });
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}
