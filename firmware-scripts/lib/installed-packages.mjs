/**
 * Whether `node_modules` is what the lockfile asks for. npm leaves its own record beside the packages; comparing the two
 * says exactly what is missing, where comparing dates would install again after every `git checkout`.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {boolean} [optional] may fail to install, or be for another machine
 * @property {boolean} [devOptional]
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [cpu]
 * @property {readonly string[]} [libc]
 * @property {Record<string, string>} [optionalDependencies]
 *
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lockfile
 */

/**
 * @param {Lockfile} wanted package-lock.json
 * @param {Lockfile} present node_modules/.package-lock.json
 * @param {{ platform: string, arch: string }} machine
 * @returns {{ required: string[], optional: string[] }} paths of packages that are absent or of another version; `optional`
 *   has those of our own choice that this machine could have and does not: new in the lockfile, or tried in vain
 */
export function missingPackages(wanted, present, machine) {
  const installed = present.packages ?? {};
  /** @type {{ required: string[], optional: string[] }} */
  const missing = { required: [], optional: [] };
  const chosen = Object.keys(wanted.packages?.['']?.optionalDependencies ?? {}).map((name) => `node_modules/${name}`);
  for (const [path, locked] of Object.entries(wanted.packages ?? {})) {
    const found = installed[path];
    if (path === '' || (found !== undefined && found.version === locked.version)) continue;
    const isOptional = found === undefined && (locked.optional === true || locked.devOptional === true);
    if (!isOptional) missing.required.push(path);
    else if (chosen.includes(path) && fits(locked, machine)) missing.optional.push(path);
  }
  return missing;
}

/**
 * @param {string} root of the project
 * @returns {{ kind: 'complete' } | { kind: 'absent' } | { kind: 'stale', missing: string[] }}
 */
export function inspectPackages(root) {
  const present = readLockfile(join(root, 'node_modules', '.package-lock.json'));
  if (present === null) return { kind: 'absent' };
  const wanted = readLockfile(join(root, 'package-lock.json'));
  if (wanted === null) return { kind: 'complete' };
  const { required, optional } = missingPackages(wanted, present, process);
  const missing = wasTried(root) ? required : [...required, ...optional];
  return missing.length === 0 ? { kind: 'complete' } : { kind: 'stale', missing };
}

/**
 * Notes that this very lockfile has been installed, so that what could not be had is not tried again at every start.
 * @param {string} root of the project
 */
export function noteInstalled(root) {
  writeFileSync(notePath(root), `${lockfileDigest(root)}\n`);
}

/** @param {string} root */
function wasTried(root) {
  try {
    return readFileSync(notePath(root), 'utf8').trim() === lockfileDigest(root);
  } catch {
    return false;
  }
}

/** @param {string} root */
function notePath(root) {
  return join(root, 'node_modules', '.tonearm-installed');
}

/** @param {string} root */
function lockfileDigest(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/**
 * @param {LockedPackage} locked
 * @param {{ platform: string, arch: string }} machine
 */
function fits({ os, cpu, libc }, { platform, arch }) {
  // A package for musl alone is for a C library that the pinned Node does not run on.
  return (os?.includes(platform) ?? true) && (cpu?.includes(arch) ?? true) && (libc?.includes('glibc') ?? true);
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
