/** What must be true of everything that a build hands on; what is not stops it, by name. */
import { BuildFailure } from './build-failure.ts';
import { type ElfFile, readElf } from './elf-file.ts';
import type { FirmwareArch } from './firmware-arch.ts';

/** The oldest system that we promise: Debian 10, and each Raspberry Pi OS for 64 bit. What Node itself asks for, and no more. */
export const FLOOR = { GLIBC: [2, 28], GLIBCXX: [3, 4, 21], CXXABI: [1, 3, 11] } as const;
/** Bytes of the binary on disk. */
export const BINARY_BYTES_MAX: Readonly<Record<FirmwareArch, number>> = { arm64: 115_000_000, x64: 120_000_000 };
/** On every Debian: the C and the C++ library, and their loader. Sound is found at run time. */
const LIBRARIES = /^(?:lib(?:c|m|dl|pthread|gcc_s|stdc\+\+)\.so\.\d|ld-linux-[a-z0-9-]+\.so\.\d)$/;

export interface Checked {
  /** For people: which file it is. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly arch: FirmwareArch;
  /** Programs are `fixed`: what pkg does to one that is not keeps its addons from loading. */
  readonly kind: ElfFile['kind'];
}

/** @throws BuildFailure with what is not so */
export function checkElf({ name, bytes, arch, kind }: Checked): void {
  const elf = readElf(bytes);
  if (elf === null) throw new BuildFailure('build.wrong-elf', `${name} is no 64-bit ELF file, or is cut short`);
  if (elf.kind !== kind || elf.machine !== arch) {
    throw new BuildFailure('build.wrong-elf', `${name} is ${elf.kind} for ${elf.machine}, not ${kind} for ${arch}`);
  }
  const strange = elf.needed.find((library) => !LIBRARIES.test(library));
  if (strange !== undefined) {
    throw new BuildFailure('build.library-unexpected', `${name} needs ${strange}, which is not on every system`);
  }
  checkVersions(name, elf.versions);
}

/** @throws BuildFailure `build.glibc-too-new`, `build.libstdcxx-too-new` */
export function checkVersions(name: string, versions: readonly string[]): void {
  for (const version of versions) checkVersion(name, version);
}

function checkVersion(name: string, version: string): void {
  const [library = '', numbers = ''] = version.split('_');
  if (!Object.hasOwn(FLOOR, library)) return;
  const floor = FLOOR[library as keyof typeof FLOOR];
  if (!isNewer(numbers.split('.').map(Number), floor)) return;
  const code = library === 'GLIBC' ? 'build.glibc-too-new' : 'build.libstdcxx-too-new';
  throw new BuildFailure(
    code,
    `${name} asks for ${version}; the oldest system we promise has ${library}_${floor.join('.')}`,
  );
}

function isNewer(version: readonly number[], floor: readonly number[]): boolean {
  const at = version.findIndex((number, index) => number !== (floor[index] ?? 0));
  return at >= 0 && (version[at] ?? 0) > (floor[at] ?? 0);
}

/** @throws BuildFailure `build.too-large` */
export function checkSize(name: string, sizeBytes: number, limitBytes: number): void {
  if (sizeBytes <= limitBytes) return;
  throw new BuildFailure(
    'build.too-large',
    `${name} has ${inMegabytes(sizeBytes)}, more than ${inMegabytes(limitBytes)}`,
  );
}

/** A number of bytes for people. */
export function inMegabytes(sizeBytes: number): string {
  return `${(sizeBytes / 1_000_000).toFixed(1)} MB`;
}

/**
 * That no path of this machine is in it, which would tell who built it and differ from the next one's.
 * @param base what it was made of, which may have the same words from elsewhere
 * @throws BuildFailure `build.host-path`
 */
export function checkHostPaths(name: string, bytes: Buffer, base: Buffer, paths: readonly string[]): void {
  for (const path of paths) {
    if (countOf(bytes, path) <= countOf(base, path)) continue;
    const at = bytes.lastIndexOf(path);
    const around = bytes.toString('latin1', Math.max(0, at - 40), at + 80).replace(/[^ -~]/g, '·');
    throw new BuildFailure('build.host-path', `${name} has ${path} in it: …${around}…`);
  }
}

function countOf(bytes: Buffer, word: string): number {
  let count = 0;
  for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word, at + 1)) count += 1;
  return count;
}
