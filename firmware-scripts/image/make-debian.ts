/** A small Debian 12 as an archive, of this machine's kind or emulated, by mmdebstrap. Needs root. */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { BuildFailure } from '#firmware/build/build-failure';
import { runTool } from '#firmware/build/run-tool';
import { allowForeignPrograms } from './foreign-programs.ts';

const RELEASE = 'bookworm';
/** Where a Debian says from where it takes packages. */
const SOURCES = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'];

export interface DebianPlan {
  readonly arch: 'arm64' | 'amd64';
  /** Beside those that every Debian has. */
  readonly packages: readonly string[];
  /** Further options of mmdebstrap. */
  readonly more: readonly string[];
  /** Where packages come from; absent: from where this machine's do. */
  readonly sources?: string | null;
}

/** @param tar what is made, whole or not at all @throws BuildFailure `build.tool-missing`, `build.tool-failed` */
export async function makeDebian(tar: string, { arch, packages, more, sources }: DebianPlan): Promise<void> {
  if (arch === 'arm64') allowForeignPrograms();
  const from = sources ?? SOURCES.find((file) => existsSync(file));
  if (from === undefined) {
    throw new BuildFailure('build.tool-missing', 'no list of Debian sources: this works on a Debian alone');
  }
  const how = [`--architectures=${arch}`, '--variant=minbase', `--include=${packages.join(',')}`, '--format=tar'];
  const unfinished = `${tar}.${process.pid}.part`;
  mkdirSync(path.dirname(tar), { recursive: true });
  await runTool('mmdebstrap', [...how, ...more, RELEASE, unfinished, from]);
  renameSync(unfinished, tar);
}
