/** What `package-lock.json` says of a package: the one place that fixes which bytes are ours. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { BuildFailure } from './build-failure.ts';

export interface LockedPackage {
  /** Below the project's root: `node_modules/@discordjs/opus`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** As the package says it; null when it does not. */
  readonly license: string | null;
  /** SHA-512 of its file in the registry, in hexadecimal digits. */
  readonly sha512: string | null;
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
}

/** @returns all packages by their paths */
export function readLockedPackages(root: string): ReadonlyMap<string, LockedPackage> {
  const lock: { readonly packages: Readonly<Record<string, LockEntry>> } = JSON.parse(
    readFileSync(path.join(root, 'package-lock.json'), 'utf8'),
  );
  const packages = Object.entries(lock.packages).filter(([place]) => place !== '');
  return new Map(packages.map(([place, entry]) => [place, describe(place, entry)]));
}

function describe(place: string, { version, license, integrity }: LockEntry): LockedPackage {
  const digest = /^sha512-(\S+)$/.exec(integrity ?? '')?.[1];
  return {
    path: place,
    name: place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
    version: version ?? '',
    license: license ?? null,
    sha512: digest === undefined ? null : Buffer.from(digest, 'base64').toString('hex'),
  };
}

/** @throws BuildFailure `build.base-corrupt` when the lock file does not have it */
export function lockedPackage(packages: ReadonlyMap<string, LockedPackage>, place: string): LockedPackage {
  const found = packages.get(place);
  if (found === undefined) throw new BuildFailure('build.base-corrupt', `package-lock.json has no ${place}`);
  return found;
}
