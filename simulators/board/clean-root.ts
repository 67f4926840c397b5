/**
 * A clean Debian of another machine's kind in a folder, whose programs run as if they were this machine's: made by mmdebstrap,
 * emulated through the kernel's list of program formats. Needs root.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { allowForeignPrograms } from '#firmware/image/foreign-programs';

const RELEASE = 'bookworm';
/** What the speaker's package depends on, so that nothing has to be fetched while it is tried. */
const INCLUDED = ['libasound2', 'libstdc++6', 'init-system-helpers'];
/** Where a Debian says from where it takes packages. */
const SOURCES = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'];

export type DebianArch = 'arm64' | 'amd64';

/** @param tar where the root is kept once it is made, which takes minutes @throws Error when a tool is missing or fails */
export function layCleanRoot(folder: string, arch: DebianArch, tar: string): void {
  if (!existsSync(tar)) makeDebian(tar, { arch, packages: INCLUDED, more: [] });
  if (arch === 'arm64') allowForeignPrograms();
  mkdirSync(folder, { recursive: true });
  run('tar', ['--extract', '--numeric-owner', '--file', tar, '--directory', folder]);
}

export interface DebianPlan {
  readonly arch: DebianArch;
  readonly packages: readonly string[];
  /** Further options of mmdebstrap. */
  readonly more: readonly string[];
}

/** @param tar what is made, whole or not at all @throws Error when a tool is missing or fails */
export function makeDebian(tar: string, { arch, packages, more }: DebianPlan): void {
  if (arch === 'arm64') allowForeignPrograms();
  const sources = SOURCES.find((file) => existsSync(file));
  if (sources === undefined) throw new Error('no list of Debian sources: this works on a Debian alone');
  const how = [`--architectures=${arch}`, '--variant=minbase', `--include=${packages.join(',')}`, '--format=tar'];
  const unfinished = `${tar}.${process.pid}.part`;
  mkdirSync(path.dirname(tar), { recursive: true });
  run('mmdebstrap', [...how, ...more, RELEASE, unfinished, sources]);
  renameSync(unfinished, tar);
}

/** @returns what it printed @throws Error with what it said, when it fails */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr, error } = spawnSync(program, [...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (error !== undefined) throw new Error(`${program} cannot be started: ${error.message}`);
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${`${stdout}${stderr}`.trim().slice(-2_000)}`);
  return stdout;
}
