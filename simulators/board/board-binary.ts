/** A speaker's binary as a command on this machine: as it is, or emulated where it is for another kind of machine. */
import { existsSync } from 'node:fs';

export interface BoardCommand {
  readonly command: string;
  readonly args: readonly string[];
}

const EMULATOR = 'qemu-aarch64-static';
/** The other machine's C and C++ library, as the cross compilers have them. */
const LIBRARIES = '/usr/aarch64-linux-gnu';

/** @param arch of the binary @throws Error when it cannot be run here, with what to install */
export function commandFor(binary: string, arch: 'arm64' | 'x64'): BoardCommand {
  if (arch === process.arch) return { command: binary, args: [] };
  if (arch !== 'arm64') throw new Error(`a binary for ${arch} is not emulated here`);
  if (!existsSync(`${LIBRARIES}/lib/libstdc++.so.6`)) {
    throw new Error('no libraries to emulate with: apt-get install g++-aarch64-linux-gnu');
  }
  return { command: EMULATOR, args: ['-L', LIBRARIES, binary] };
}
