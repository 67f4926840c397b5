/**
 * Debian with Node, in the place of Docker's images of both: where no registry is reached, and so that what is tried does not
 * change under one's hands. Made by mmdebstrap and of the Node that the binaries are made of.
 */
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { FirmwareArch } from '#firmware/build/firmware-arch';
import { ARCH_NAMES } from '#firmware/build/firmware-arch';
import { TRUSTED_FILE } from '#firmware/container/container-plan';
import { makeDebian } from '#firmware/image/make-debian';
import { run } from './clean-root.ts';

/** Of what the full image has, that which building a speaker needs. */
const TO_BUILD = ['ca-certificates', 'gcc', 'g++', 'libc6-dev'];
/** What the slim image has not either. */
const LEFT_OUT = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*', '/usr/share/info/*'];

export interface StandIn {
  readonly arch: FirmwareArch;
  /** With compilers and npm, or slim. */
  readonly isFull: boolean;
  /** The program of that machine. */
  readonly node: string;
}

/** @param tar where it is kept once it is made, which takes minutes @throws Error when a tool is missing or fails */
export async function makeStandIn({ arch, isFull, node }: StandIn, tar: string): Promise<void> {
  if (existsSync(tar)) return;
  mkdirSync(path.dirname(tar), { recursive: true });
  const lay = [
    `upload ${node} /usr/local/bin/node`,
    'chmod 755 "$1/usr/local/bin/node"',
    ...(isFull ? npmHooks() : []),
  ];
  const slim = isFull ? [] : LEFT_OUT.map((glob) => `--dpkgopt=path-exclude=${glob}`);
  await makeDebian(tar, {
    arch: ARCH_NAMES[arch].debian,
    packages: isFull ? TO_BUILD : ['libstdc++6'],
    more: [...slim, ...lay.map((hook) => `--customize-hook=${hook}`)],
  });
}

/** npm as it is installed here, which is JavaScript alone. */
function npmHooks(): readonly string[] {
  const npm = path.join(realpathSync(run('npm', ['root', '--global']).trim()), 'npm');
  const lib = '/usr/local/lib/node_modules';
  return [
    `mkdir -p "$1${lib}"`,
    `copy-in ${npm} ${lib}`,
    `ln -s ${lib}/npm/bin/npm-cli.js "$1/usr/local/bin/npm"`,
    `upload ${TRUSTED_FILE} ${TRUSTED_FILE}`,
  ];
}
