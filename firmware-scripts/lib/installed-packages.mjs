/**
 * Whether `node_modules` is what the lockfile asks for. npm leaves its own record beside the packages; comparing the two
 * says exactly what is missing, where comparing dates would install again after every `git checkout`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ version?: string, optional?: boolean, peer?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lockfile
 */

/**
 * @param {Lockfile} wanted package-lock.json
 * @param {Lockfile} present node_modules/.package-lock.json
 * @returns {string[]} paths of packages that are absent or of another version; an optional package may be absent, since it
 *   may be for another machine or have failed to build
 */
export function missingPackages(wanted, present) {
  const installed = present.packages ?? {};
  return Object.entries(wanted.packages ?? {})
    .filter(([path, locked]) => {
      if (path === '') return false;
      const found = installed[path];
      if (found === undefined) return locked.optional !== true;
      return found.version !== locked.version;
    })
    .map(([path]) => path);
}

/**
 * @param {string} root of the project
 * @returns {{ kind: 'complete' } | { kind: 'absent' } | { kind: 'stale', missing: string[] }}
 */
export function inspectPackages(root) {
  const present = readLockfile(join(root, 'node_modules', '.package-lock.json'));
  if (present === null) return { kind: 'absent' };
  const wanted = readLockfile(join(root, 'package-lock.json'));
  const missing = wanted === null ? [] : missingPackages(wanted, present);
  return missing.length === 0 ? { kind: 'complete' } : { kind: 'stale', missing };
}

/**
 * @param {string} path
 * @returns {Lockfile | null} null when there is none to be read
 */
function readLockfile(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
