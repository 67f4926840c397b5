/**
 * The Node that a binary is made of: the pinned version, from the npm package of its machine, whose bytes the lock file
 * fixes. Stripped, and without the languages that a speaker does not speak, before anything is put into it, since stripping
 * afterwards breaks what was put in.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BuildFailure } from './build-failure.ts';
import { type BuildPlace, ROOT } from './build-place.ts';
import { toolsFor } from './firmware-arch.ts';
import { lockedPackage, readLockedPackages } from './locked-packages.ts';
import { findTool, runTool } from './run-tool.ts';
import { trimLocales } from './trim-locales.ts';

export interface BaseNode {
  readonly version: string;
  /** Of the program, stripped and trimmed. */
  readonly path: string;
}

/** @throws BuildFailure `build.base-corrupt`, `build.icu-unknown`, `build.tool-missing`, `build.tool-failed` */
export async function prepareBaseNode({ arch, kept }: BuildPlace): Promise<BaseNode> {
  const place = `node_modules/node-linux-${arch}`;
  const { name, version, sha512 } = lockedPackage(readLockedPackages(ROOT), place);
  const base = path.join(kept, `node-v${version}-linux-${arch}-en`);
  if (existsSync(base)) return { version, path: base };
  const installed = path.join(ROOT, place, 'bin', 'node');
  const source = existsSync(installed) ? installed : await fetchNode({ name, version, sha512 }, kept);
  const unfinished = `${base}.${process.pid}.part`;
  mkdirSync(kept, { recursive: true });
  await runTool(findTool(...toolsFor(arch, 'strip')), ['--strip-unneeded', '-o', unfinished, source]);
  const program = readFileSync(unfinished);
  trimLocales(program);
  writeFileSync(unfinished, program);
  renameSync(unfinished, base);
  return { version, path: base };
}

interface Wanted {
  readonly name: string;
  readonly version: string;
  readonly sha512: string | null;
}

/** npm leaves out packages for other machines; so it is asked for the file itself. */
async function fetchNode({ name, version, sha512 }: Wanted, kept: string): Promise<string> {
  const folder = path.join(kept, `${name}-${version}`);
  const program = path.join(folder, 'bin', 'node');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const archive = path.join(kept, `${name}-${version}.tgz`);
  if (!existsSync(archive))
    await runTool('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', kept]);
  const found = createHash('sha512').update(readFileSync(archive)).digest('hex');
  if (found !== sha512) {
    rmSync(archive);
    throw new BuildFailure('build.base-corrupt', `${name}@${version} is not what the lock file says: sha512 ${found}`);
  }
  await runTool('tar', ['-xzf', archive, '-C', folder, '--strip-components=1', 'package/bin/node']);
  return program;
}
