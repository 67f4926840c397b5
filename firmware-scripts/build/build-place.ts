/** Where a build keeps what it makes: one folder per architecture, and what both share. */
import path from 'node:path';
import type { FirmwareArch } from './firmware-arch.ts';

/** The project's root. */
export const ROOT = path.join(import.meta.dirname, '..', '..');

export interface BuildPlace {
  readonly arch: FirmwareArch;
  /** What is handed on: the binary, its version, its list of software. */
  readonly output: string;
  /** What it is made from; may be thrown away. */
  readonly work: string;
  /** What stays the same from build to build: the base, fetched and stripped. */
  readonly kept: string;
}

/** @param out folder for all of it; by default below the project's own */
export function placeFor(arch: FirmwareArch, out = path.join(ROOT, '.build', 'firmware')): BuildPlace {
  const name = `linux-${arch}`;
  const base = path.resolve(out);
  return {
    arch,
    output: path.join(base, name),
    work: path.join(base, 'work', name),
    kept: path.join(ROOT, '.build', 'firmware', 'base'),
  };
}

/** The binary's name, as people call it. */
export const BINARY_NAME = 'tonearm';
/** Beside it. */
export const VERSION_FILE = 'version.json';
export const SOFTWARE_FILE = 'software.cdx.json';
