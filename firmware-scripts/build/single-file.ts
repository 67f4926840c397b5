/**
 * Puts a folder of bundles and addons into a Node program, by pkg in its enhanced single-executable mode: the files stay as they
 * are, in an archive inside of the program that its file functions can read.
 */
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { BUNDLE_MAIN } from '#firmware/bundle/bundle-plan';
import type { BaseNode } from './base-node.ts';
import { BuildFailure } from './build-failure.ts';
import { ROOT } from './build-place.ts';
import type { FirmwareArch } from './firmware-arch.ts';
import { PADDING_FILE, padFolder } from './pad-folder.ts';
import { runTool } from './run-tool.ts';

const PKG = path.join(ROOT, 'node_modules', '@yao-pkg', 'pkg', 'lib-es5', 'bin.js');
/** pkg works in a folder of a random name below this one, and the name gets into the program. */
const TEMPORARY = '/tmp';
const WORK_FOLDER = /\/tmp\/pkg-sea-[A-Za-z0-9]{6}\//g;
const WORK_FOLDER_SAID = '/tmp/pkg-sea-tonarm/';

export interface SingleFileOptions {
  readonly arch: FirmwareArch;
  readonly base: BaseNode;
  /** What goes in; its last folder's name is what it is called inside. */
  readonly folder: string;
  readonly version: string;
  /** pkg's own: where it expects what it would otherwise download. */
  readonly home: string;
  readonly target: string;
}

/**
 * @throws BuildFailure `build.tool-failed`; `build.base-corrupt` when this is not the Node that the program will be: the archive's
 *   layout is no matter of versions that agree with each other
 */
export async function makeSingleFile({ arch, base, folder, version, home, target }: SingleFileOptions): Promise<void> {
  if (process.version !== `v${base.version}`) {
    throw new BuildFailure(
      'build.base-corrupt',
      `made by Node ${process.version}, for ${base.version}: start it by npm`,
    );
  }
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifestOf(version))}\n`);
  padFolder(folder);
  layBase(home, arch, base);
  const unfinished = `${target}.${process.pid}.part`;
  const args = [
    '--sea',
    '--compress',
    'Zstd',
    '--targets',
    `node${base.version}-linux-${arch}`,
    '--output',
    unfinished,
    folder,
  ];
  const env = { ...process.env, HOME: home, TMPDIR: TEMPORARY };
  await runTool(process.execPath, ['--disable-warning=ExperimentalWarning', PKG, ...args], { env, cwd: folder });
  writeFileSync(unfinished, withoutRandomness(readFileSync(unfinished)));
  renameSync(unfinished, target);
}

function manifestOf(version: string): object {
  return {
    name: 'tonearm',
    version,
    type: 'module',
    private: true,
    bin: BUNDLE_MAIN,
    // Told apart: of scripts it looks for what they import, in assets it does not look.
    pkg: { scripts: ['device/app/*.js'], assets: ['.build/**/*.node', PADDING_FILE] },
  };
}

/** As if pkg had fetched it: an empty archive, the program out of it, and marks that both are whole. */
function layBase(home: string, arch: FirmwareArch, { version, path: program }: BaseNode): void {
  const name = `node-v${version}-linux-${arch}`;
  const folder = path.join(home, '.pkg-cache', 'sea');
  const place = path.join(folder, name, 'bin', 'node');
  mkdirSync(path.dirname(place), { recursive: true });
  for (const mark of [`${name}.tar.gz`, `${name}.tar.gz.ok`]) writeFileSync(path.join(folder, mark), '');
  writeFileSync(`${place}.ok`, '');
  if (existsSync(place)) rmSync(place);
  try {
    linkSync(program, place);
  } catch {
    // Another file system.
    copyFileSync(program, place);
  }
}

/** @returns the same bytes, the random name in a path replaced by one as long; nothing reads it but a stack trace */
export function withoutRandomness(file: Buffer): Buffer {
  const text = file.toString('latin1');
  for (const { index } of text.matchAll(WORK_FOLDER)) file.write(WORK_FOLDER_SAID, index, 'latin1');
  return file;
}
