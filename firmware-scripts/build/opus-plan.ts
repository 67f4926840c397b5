/**
 * How the native Opus decoder is compiled for another machine: which files of the package @discordjs/opus, with which flags.
 * Its own way is an install script for the machine that it runs on, which names the result after that machine's libc.
 */
import path from 'node:path';
import type { FirmwareArch } from './firmware-arch.ts';

/** Below the project's root. */
export const OPUS_PACKAGE = 'node_modules/@discordjs/opus';
/** libopus in the package, and its version (`deps/config/…/config.h`). */
export const LIBOPUS = { folder: 'deps/opus', version: '1.3.1' } as const;

/** Lists of files as libopus keeps them for its own build, by the names that are wanted of each. */
export const SOURCE_LISTS = {
  'opus_sources.mk': ['OPUS_SOURCES', 'OPUS_SOURCES_FLOAT'],
  'silk_sources.mk': ['SILK_SOURCES', 'SILK_SOURCES_FLOAT'],
  'celt_sources.mk': ['CELT_SOURCES'],
} as const;

/** @param text of a list @returns its files under these names, in order: `NAME = \` and then one a line */
export function readSourceList(text: string, names: readonly string[]): string[] {
  const joined = text.replaceAll('\\\n', ' ').split('\n');
  return names.flatMap((name) => {
    const line = joined.find((it) => new RegExp(`^${name}\\s*=`).test(it)) ?? '';
    return line
      .slice(line.indexOf('=') + 1)
      .split(/\s+/)
      .filter((word) => word.endsWith('.c'));
  });
}

/**
 * No fused multiply-add, which arm64's compiler would take by itself: it rounds once where x86-64 rounds twice, and a speaker's
 * sound would depend on its board. So both decode to the same samples, bit by bit.
 */
const EXACT = '-ffp-contract=off';

/** @param root of the project @param floor header that is included before every file */
export function opusFlags(root: string, arch: FirmwareArch, floor: string): readonly string[] {
  const opus = path.join(root, OPUS_PACKAGE, LIBOPUS.folder);
  const includes = [
    path.join(root, OPUS_PACKAGE, 'deps', 'config', 'opus', 'linux', arch),
    ...['include', 'celt', 'silk', 'silk/float', '.'].map((folder) => path.join(opus, folder)),
    path.join(root, 'node_modules', 'node-api-headers', 'include'),
    path.join(root, 'node_modules', 'node-addon-api'),
  ];
  return [
    ...['-O3', '-fPIC', '-fvisibility=hidden', '-fno-ident', '-w', EXACT, `-ffile-prefix-map=${root}=.`],
    ...['-DPIC', '-DHAVE_CONFIG_H', '-DNAPI_VERSION=3', '-DNAPI_DISABLE_CPP_EXCEPTIONS', '-DNODE_GYP_MODULE_NAME=opus'],
    ...['-include', floor],
    ...includes.flatMap((folder) => ['-I', folder]),
  ];
}
