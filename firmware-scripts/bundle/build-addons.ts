/**
 * Builds our native addons for this machine, or for another one with a cross compiler: a few C files, one compiler call each.
 *
 * No node-gyp: N-API needs two headers (from the package node-api-headers) and no library, so there is nothing for it to
 * do. A machine without a compiler is no failure: the speaker says that it has no sound, and why.
 *
 * Usage: node firmware-scripts/bundle/build-addons.ts [--arch x64|arm64] [--out DIR] [--force] [--dry-run]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ADDONS, type AddonPlan, CROSS_COMPILERS, compilerArguments, FLOOR_HEADER } from './addon-plan.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const HEADERS = path.join(ROOT, 'node_modules', 'node-api-headers', 'include');

function main(): number {
  const { values } = parseArgs({
    options: {
      arch: { type: 'string' },
      out: { type: 'string' },
      force: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
    },
  });
  const arch = values.arch ?? process.arch;
  if (process.platform !== 'linux') return say(`our addons are for Linux: nothing to build on ${process.platform}`);
  const folder = path.join(values.out ?? path.join(ROOT, '.build', 'addons'), `linux-${arch}`);
  const stale = ADDONS.filter((addon) => values.force === true || !isNewer(targetOf(folder, addon), addon));
  if (stale.length === 0) return 0;
  if (!existsSync(HEADERS)) return say('node-api-headers is not installed (npm ci): the addons are not built');
  const compiler = findCompiler(arch);
  if (compiler === null) {
    return say(`no C compiler for linux-${arch} is installed (apt install gcc): the speaker will have no sound card`);
  }
  mkdirSync(folder, { recursive: true });
  const isDry = values['dry-run'] === true;
  return stale.every((addon) => build(compiler, addon, targetOf(folder, addon), isDry)) ? 0 : 1;
}

/** @returns whether it was built */
function build(compiler: string, addon: AddonPlan, target: string, isDry: boolean): boolean {
  const unfinished = `${target}.${process.pid}.part`;
  const args = compilerArguments(addon, ROOT, unfinished);
  if (isDry) {
    say(`would run: ${[compiler, ...args].join(' ')}`);
    return true;
  }
  const outcome = spawnSync(compiler, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (outcome.status !== 0) {
    say(`${compiler} could not build the addon ${addon.name}; what it wrote above says why`);
    return false;
  }
  // Whole or not at all: a speaker that starts meanwhile must not load half of it.
  renameSync(unfinished, target);
  return true;
}

function targetOf(folder: string, addon: AddonPlan): string {
  return path.join(folder, `${addon.name}.node`);
}

function isNewer(target: string, addon: AddonPlan): boolean {
  if (!existsSync(target)) return false;
  const builtAt = statSync(target).mtimeMs;
  return [FLOOR_HEADER, ...addon.sources, ...addon.headers].every(
    (file) => builtAt > statSync(path.join(ROOT, file)).mtimeMs,
  );
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
