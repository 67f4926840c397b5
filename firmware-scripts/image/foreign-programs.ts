/** Lets this machine run programs of 64-bit ARM as if they were its own: the kernel hands them to Debian's emulator. Needs root. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BuildFailure } from '#firmware/build/build-failure';

const FORMATS = '/proc/sys/fs/binfmt_misc';
const EMULATION = '/usr/lib/binfmt.d/qemu-aarch64.conf';

/** Until this machine starts anew; does nothing where it is done. @throws BuildFailure `build.tool-missing` */
export function allowForeignPrograms(): void {
  if (process.arch === 'arm64' || existsSync(path.join(FORMATS, 'qemu-aarch64'))) return;
  if (!existsSync(EMULATION)) {
    throw new BuildFailure(
      'build.tool-missing',
      'no emulator: apt-get install --no-install-recommends qemu-user-static',
    );
  }
  if (!existsSync(path.join(FORMATS, 'register'))) {
    execFileSync('mount', ['-t', 'binfmt_misc', 'binfmt_misc', FORMATS]);
  }
  writeFileSync(path.join(FORMATS, 'register'), readFileSync(EMULATION, 'utf8').trim());
}
