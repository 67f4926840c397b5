/** The machines that firmware is made for, and what each is called by whom. */
import { TonearmError } from '#protocol/vocabulary/errors';

export type FirmwareArch = 'arm64' | 'x64';

export interface ArchNames {
  /** In the names of compilers and of Debian's library folders. */
  readonly triplet: string;
  readonly debian: 'arm64' | 'amd64';
  /** In containers' platforms. */
  readonly oci: 'arm64' | 'amd64';
}

export const ARCH_NAMES: Readonly<Record<FirmwareArch, ArchNames>> = {
  arm64: { triplet: 'aarch64-linux-gnu', debian: 'arm64', oci: 'arm64' },
  x64: { triplet: 'x86_64-linux-gnu', debian: 'amd64', oci: 'amd64' },
};

/** @throws TonearmError `input.invalid` for another word */
export function parseArch(word: string): FirmwareArch {
  if (word === 'arm64' || word === 'x64') return word;
  throw new TonearmError('input.invalid', `--arch must be arm64 or x64, not ${JSON.stringify(word)}`, {
    field: 'arch',
  });
}

/** @returns names of a tool for that machine, the best first; this machine's own where it is the same */
export function toolsFor(arch: FirmwareArch, tool: string): readonly [string, ...string[]] {
  const named = `${ARCH_NAMES[arch].triplet}-${tool}`;
  return arch === process.arch ? [named, tool] : [named];
}
