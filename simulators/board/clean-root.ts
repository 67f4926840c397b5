/**
 * A clean Debian of another machine's kind in a folder, whose programs run as if they were this machine's: made by mmdebstrap,
 * emulated through the kernel's list of program formats. Needs root.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { allowForeignPrograms } from '#firmware/image/foreign-programs';
import { makeDebian } from '#firmware/image/make-debian';

/** What the speaker's package depends on, so that nothing has to be fetched while it is tried. */
const INCLUDED = ['libasound2', 'libstdc++6', 'init-system-helpers'];

export type DebianArch = 'arm64' | 'amd64';

/** @param tar where the root is kept once it is made, which takes minutes @throws Error when a tool is missing or fails */
export async function layCleanRoot(folder: string, arch: DebianArch, tar: string): Promise<void> {
  if (!existsSync(tar)) await makeDebian(tar, { arch, packages: INCLUDED, more: [] });
  if (arch === 'arm64') allowForeignPrograms();
  mkdirSync(folder, { recursive: true });
  run('tar', ['--extract', '--numeric-owner', '--file', tar, '--directory', folder]);
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
