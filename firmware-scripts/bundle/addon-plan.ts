/** Our native addons: of which C files each is made, and how they are compiled. */
import path from 'node:path';

export interface AddonPlan {
  /** `alsa` becomes `.build/addons/linux-x64/alsa.node`. */
  readonly name: string;
  /** From the project's root. */
  readonly sources: readonly string[];
  /** What also makes it out of date when it changes. */
  readonly headers: readonly string[];
}

const SINKS = 'device/adapters/native-sink/native';
const WATCH = 'device/adapters/interface-watch/native';

export const ADDONS: readonly AddonPlan[] = [
  {
    name: 'alsa',
    sources: inFolder(SINKS, ['sink-addon.c', 'alsa-device.c', 'alsa-open.c', 'alsa-convert.c', 'alsa-library.c']),
    headers: inFolder(SINKS, ['sink-device.h', 'alsa-device.h', 'alsa-convert.h', 'alsa-library.h']),
  },
  {
    name: 'pulse',
    sources: inFolder(SINKS, ['sink-addon.c', 'pulse-device.c', 'pulse-open.c', 'pulse-library.c']),
    headers: inFolder(SINKS, ['sink-device.h', 'pulse-device.h', 'pulse-library.h']),
  },
  { name: 'mapped-file', sources: ['device/adapters/file-playback-memory/native/mapped-file.c'], headers: [] },
  { name: 'memory-trim', sources: ['device/adapters/memory-trim/native/memory-trim.c'], headers: [] },
  {
    name: 'network-watch',
    sources: inFolder(WATCH, ['network-watch.c', 'netlink-listener.c']),
    headers: inFolder(WATCH, ['netlink-listener.h']),
  },
  { name: 'sd-notify', sources: ['device/adapters/sd-notify/native/sd-notify.c'], headers: [] },
];

/** Before every file: see in it. Each addon is out of date when it changes. */
export const FLOOR_HEADER = 'firmware-scripts/bundle/glibc-floor.h';

/** Warnings are errors: C has no other net. */
export const WARNING_FLAGS: readonly string[] = ['-Wall', '-Wextra', '-Werror'];

export const CROSS_COMPILERS: Readonly<Record<string, string>> = {
  arm64: 'aarch64-linux-gnu-gcc',
  x64: 'x86_64-linux-gnu-gcc',
};

/** No library but libc's own: the sound libraries are found at run time. */
export function compilerArguments(addon: AddonPlan, root: string, target: string): string[] {
  const headers = path.join(root, 'node_modules', 'node-api-headers', 'include');
  const sources = addon.sources.map((source) => path.join(root, source));
  const flags = ['-O2', ...WARNING_FLAGS, '-shared', '-fPIC', '-fvisibility=hidden', `-ffile-prefix-map=${root}=.`];
  return [
    ...flags,
    '-include',
    path.join(root, FLOOR_HEADER),
    '-I',
    headers,
    '-o',
    target,
    ...sources,
    '-ldl',
    '-lpthread',
  ];
}

function inFolder(folder: string, names: readonly string[]): string[] {
  return names.map((name) => `${folder}/${name}`);
}
