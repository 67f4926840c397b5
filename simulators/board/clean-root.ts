/**
 * A clean Debian of another machine's kind in a folder, whose programs run as if they were this machine's: made by mmdebstrap,
 * emulated through the kernel's list of program formats. Needs root.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const RELEASE = 'bookworm';
/** What the speaker's package depends on, so that nothing has to be fetched while it is tried. */
const INCLUDED = ['libasound2', 'libstdc++6', 'init-system-helpers'];
/** Where a Debian says from where it takes packages. */
const SOURCES = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'];
const FORMATS = '/proc/sys/fs/binfmt_misc';
const EMULATION = '/usr/lib/binfmt.d/qemu-aarch64.conf';

export type DebianArch = 'arm64' | 'amd64';

/** @param tar where the root is kept once it is made, which takes minutes @throws Error when a tool is missing or fails */
export function layCleanRoot(folder: string, arch: DebianArch, tar: string): void {
  if (arch === 'arm64' && process.arch !== 'arm64') allowEmulation();
  if (!existsSync(tar)) {
    const sources = SOURCES.find((file) => existsSync(file));
    if (sources === undefined) throw new Error('no list of Debian sources: this works on a Debian alone');
    const how = [`--architectures=${arch}`, '--variant=minbase', `--include=${INCLUDED.join(',')}`, RELEASE];
    mkdirSync(path.dirname(tar), { recursive: true });
    run('mmdebstrap', [...how, tar, sources]);
  }
  mkdirSync(folder, { recursive: true });
  run('tar', ['--extract', '--numeric-owner', '--file', tar, '--directory', folder]);
}

/** Registers the emulator once for this machine; it is gone when the machine starts anew. */
function allowEmulation(): void {
  if (existsSync(path.join(FORMATS, 'qemu-aarch64'))) return;
  if (!existsSync(EMULATION)) throw new Error('no emulator: apt-get install qemu-user-static');
  if (!existsSync(path.join(FORMATS, 'register'))) run('mount', ['-t', 'binfmt_misc', 'binfmt_misc', FORMATS]);
  writeFileSync(path.join(FORMATS, 'register'), readFileSync(EMULATION, 'utf8').trim());
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
