/**
 * Builds node-speaker's addon from its published source, mended (`speaker-source.ts`). Asked for by hand, because it is a
 * second way to ALSA that few want: nothing of it is fetched or built at an installation.
 *
 * libasound is linked by name alone, against a stand-in: so no library of the other machine is needed to build for it.
 *
 * Usage: node firmware-scripts/bundle/build-speaker-addon.ts [--arch x64|arm64] [--out DIR] [--if-missing]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CROSS_COMPILERS } from './addon-plan.ts';
import { mendSource, SPEAKER_DEFINES, SPEAKER_INCLUDES, SPEAKER_PACKAGE, SPEAKER_SOURCES } from './speaker-source.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const NODE_HEADERS = path.join(ROOT, 'node_modules', 'node-api-headers', 'include');
/** Of any machine: they say nothing about sizes that differ. After all others, so that a cross compiler keeps its own. */
const SYSTEM_HEADERS = '/usr/include';
const ALSA_HEADER = path.join(SYSTEM_HEADERS, 'alsa', 'asoundlib.h');
/** libasound has two of each of these, and would give the older one, with other arguments, to who names no version. */
const NEWER_VERSION = 'ALSA_0.9.0rc4';
const NEWER_FUNCTIONS = ['rate', 'buffer_size', 'period_size'].map((it) => `snd_pcm_hw_params_set_${it}_near`);
const KEPT = path.join(ROOT, '.build', 'speaker-source');

function main(): void {
  const options = { arch: { type: 'string' }, out: { type: 'string' }, 'if-missing': { type: 'boolean' } } as const;
  const { values } = parseArgs({ options });
  const arch = values.arch ?? process.arch;
  const target = path.join(values.out ?? path.join(ROOT, '.build', 'addons'), `linux-${arch}`, 'speaker.node');
  if (values['if-missing'] === true && existsSync(target)) return;
  if (!existsSync(ALSA_HEADER)) throw new Error(`${ALSA_HEADER} is missing: apt-get install libasound2-dev`);
  const folder = mkdtempSync(path.join(tmpdir(), 'tonearm-speaker-'));
  try {
    run('tar', ['-xzf', fetchPackage(), '-C', folder, '--strip-components=1']);
    for (const file of SPEAKER_SOURCES) {
      const source = path.join(folder, file);
      writeFileSync(source, mendSource(file, readFileSync(source, 'utf8')));
    }
    compile(arch === process.arch ? 'cc' : (CROSS_COMPILERS[arch] ?? 'cc'), folder, target);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compile(compiler: string, folder: string, target: string): void {
  const standIn = path.join(folder, 'libasound.so');
  const versions = path.join(folder, 'versions');
  const functions = path.join(folder, 'stand-in.c');
  writeFileSync(versions, `${NEWER_VERSION} { global: ${NEWER_FUNCTIONS.join('; ')}; };\n`);
  writeFileSync(functions, NEWER_FUNCTIONS.map((it) => `void ${it}(void) {}\n`).join(''));
  const naming = ['-Wl,-soname,libasound.so.2', `-Wl,--version-script=${versions}`];
  run(compiler, ['-shared', '-fPIC', '-nostdlib', ...naming, '-o', standIn, functions]);
  const includes = [...SPEAKER_INCLUDES.map((it) => path.join(folder, it)), NODE_HEADERS].flatMap((it) => ['-I', it]);
  const unfinished = `${target}.${process.pid}.part`;
  mkdirSync(path.dirname(target), { recursive: true });
  run(compiler, [
    ...[
      '-O2',
      '-w',
      '-Werror=implicit-function-declaration',
      '-shared',
      '-fPIC',
      '-fvisibility=hidden',
      '-o',
      unfinished,
    ],
    ...SPEAKER_DEFINES.map((it) => `-D${it}`),
    ...includes,
    ...['-idirafter', SYSTEM_HEADERS],
    ...SPEAKER_SOURCES.map((it) => path.join(folder, it)),
    ...['-Wl,--no-as-needed', '-L', folder, '-lasound'],
  ]);
  renameSync(unfinished, target);
}

/** @returns the package's file, whose hash is right */
function fetchPackage(): string {
  const { name, version, sha512 } = SPEAKER_PACKAGE;
  const file = path.join(KEPT, `${name}-${version}.tgz`);
  mkdirSync(KEPT, { recursive: true });
  if (!existsSync(file)) run('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', KEPT]);
  const found = createHash('sha512').update(readFileSync(file)).digest('base64');
  if (found === sha512) return file;
  rmSync(file);
  throw new Error(`${name}@${version} is not what was published: sha512 ${found}`);
}

function run(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, [...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${program} failed${error === undefined ? '' : `: ${error.message}`}`);
}

try {
  main();
} catch (thrown) {
  process.stderr.write(`tonearm: node-speaker is not built: ${thrown instanceof Error ? thrown.message : thrown}\n`);
  process.exitCode = 1;
}
