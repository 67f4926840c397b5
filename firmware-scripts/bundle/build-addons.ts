/**
 * Builds our native addons for this machine, or for another one with a cross compiler: one C file, one compiler call.
 *
 * No node-gyp: N-API needs two headers (from the package node-api-headers) and no library, so there is nothing for it to
 * do. A machine without a compiler is no failure: the speaker says that it has no ALSA, and why.
 *
 * Usage: node firmware-scripts/bundle/build-addons.ts [--arch x64|arm64] [--force] [--dry-run]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SOURCE = path.join(ROOT, 'device', 'adapters', 'alsa-sink', 'native', 'alsa.c');
const HEADERS = path.join(ROOT, 'node_modules', 'node-api-headers', 'include');
const COMPILER_FLAGS = ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-fvisibility=hidden'];
const CROSS_COMPILERS: Readonly<Record<string, string>> = {
  arm64: 'aarch64-linux-gnu-gcc',
  x64: 'x86_64-linux-gnu-gcc',
};

function main(): number {
  const { values } = parseArgs({
    options: { arch: { type: 'string' }, force: { type: 'boolean' }, 'dry-run': { type: 'boolean' } },
  });
  const arch = values.arch ?? process.arch;
  if (process.platform !== 'linux') return say(`ALSA is Linux's: nothing to build on ${process.platform}`);
  const target = path.join(ROOT, '.build', 'addons', `linux-${arch}`, 'alsa.node');
  if (values.force !== true && isNewer(target, SOURCE)) return 0;
  if (!existsSync(HEADERS)) return say('node-api-headers is not installed (npm ci): the ALSA addon is not built');
  const compiler = findCompiler(arch);
  if (compiler === null) {
    return say(`no C compiler for linux-${arch} is installed (apt install gcc): the speaker will have no ALSA output`);
  }
  const unfinished = `${target}.${process.pid}.part`;
  const args = [...COMPILER_FLAGS, '-I', HEADERS, '-o', unfinished, SOURCE, '-ldl', '-lpthread'];
  if (values['dry-run'] === true) return say(`would run: ${[compiler, ...args].join(' ')}`);
  mkdirSync(path.dirname(target), { recursive: true });
  const outcome = spawnSync(compiler, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (outcome.status !== 0) {
    say(`${compiler} could not build the ALSA addon; what it wrote above says why`);
    return 1;
  }
  // Whole or not at all: a speaker that starts meanwhile must not load half of it.
  renameSync(unfinished, target);
  return 0;
}

function isNewer(target: string, source: string): boolean {
  return existsSync(target) && statSync(target).mtimeMs > statSync(source).mtimeMs;
}

function findCompiler(arch: string): string | null {
  const own = process.env['CC'];
  const candidates = arch === process.arch ? [own, 'cc', 'gcc', 'clang'] : [CROSS_COMPILERS[arch]];
  const fits = (name: string | undefined): name is string =>
    name !== undefined && name !== '' && spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0;
  return candidates.find(fits) ?? null;
}

function say(text: string): 0 {
  process.stderr.write(`tonearm: ${text}\n`);
  return 0;
}

process.exitCode = main();
