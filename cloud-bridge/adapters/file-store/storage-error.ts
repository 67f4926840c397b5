/** What a disk refuses, in words that say what to do about it. */
import { TonearmError } from '#protocol/vocabulary/errors';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const REASONS: Readonly<Record<string, string>> = {
  EROFS: 'it is read-only',
  EIO: 'the disk fails to read or write',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EMFILE: 'too many files are open',
};

/** @param what the thing that was to be done, e.g. `write to the data folder` */
export function storageError(cause: unknown, what: string): TonearmError {
  if (cause instanceof TonearmError) return cause;
  const code = systemCodeOf(cause) ?? '';
  if (FULL.has(code)) {
    return new TonearmError('storage.full', `no room to ${what}: free some space and it goes on`, { cause });
  }
  const reason = REASONS[code];
  const why = reason === undefined ? String(cause) : `${reason} (${code})`;
  return new TonearmError('storage.failed', `cannot ${what}: ${why}`, { cause });
}

/** `ENOSPC` and the like, of what Node's file calls throw. */
export function systemCodeOf(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}
