/** Compiles the native Opus decoder for a machine, from the package's source, once per version of it. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FLOOR_HEADER } from '#firmware/bundle/addon-plan';
import { BuildFailure } from './build-failure.ts';
import { ROOT } from './build-place.ts';
import { type FirmwareArch, toolsFor } from './firmware-arch.ts';
import { LIBOPUS, OPUS_PACKAGE, opusFlags, readSourceList, SOURCE_LISTS } from './opus-plan.ts';
import { findTool, runTool } from './run-tool.ts';

/** Compilers at a time: what a small machine that builds has in cores. */
const SIDE_BY_SIDE = 2;

/** @param target `…/opus.node` @throws BuildFailure `build.tool-missing`, `build.tool-failed`, `build.base-corrupt` */
export async function buildOpus(arch: FirmwareArch, target: string): Promise<void> {
  if (isFresh(target)) return;
  const source = path.join(ROOT, OPUS_PACKAGE);
  if (!existsSync(source)) throw new BuildFailure('build.base-corrupt', `${OPUS_PACKAGE} is not installed: npm ci`);
  const compilers = { c: findTool(...toolsFor(arch, 'gcc')), cc: findTool(...toolsFor(arch, 'g++')) };
  const flags = opusFlags(ROOT, arch, path.join(ROOT, FLOOR_HEADER));
  const files = Object.entries(SOURCE_LISTS).flatMap(([list, names]) =>
    readSourceList(readFileSync(path.join(source, LIBOPUS.folder, list), 'utf8'), names),
  );
  const paths = files.map((file) => path.join(source, LIBOPUS.folder, file));
  const folder = mkdtempSync(path.join(tmpdir(), 'tonearm-opus-'));
  try {
    const shares = Array.from({ length: SIDE_BY_SIDE }, (_, share) =>
      paths.filter((_file, index) => index % SIDE_BY_SIDE === share),
    );
    const binding = path.join(source, 'src', 'node-opus.cc');
    await Promise.all([
      ...shares.map((share) => runTool(compilers.c, [...flags, '-c', ...share], { cwd: folder })),
      runTool(compilers.cc, [...flags, '-std=c++17', '-c', binding], { cwd: folder }),
    ]);
    const objects = readdirSync(folder).sort();
    const unfinished = `${target}.${process.pid}.part`;
    mkdirSync(path.dirname(target), { recursive: true });
    await runTool(compilers.cc, ['-shared', '-s', '-o', unfinished, ...objects, '-lm'], { cwd: folder });
    renameSync(unfinished, target);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What it is made of is a package, which changes as a whole, and the plan. */
function isFresh(target: string): boolean {
  if (!existsSync(target)) return false;
  const builtAt = statSync(target).mtimeMs;
  const made = [`${OPUS_PACKAGE}/src/node-opus.cc`, FLOOR_HEADER, 'firmware-scripts/build/opus-plan.ts'];
  return made.every((file) => builtAt > statSync(path.join(ROOT, file)).ctimeMs);
}
