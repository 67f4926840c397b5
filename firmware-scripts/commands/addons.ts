/** `npm run firmware -- addons`: what of a speaker is compiled, for another kind of machine too: our addons and libopus. */
import path from 'node:path';
import type { Command } from 'commander';
import { buildOpus } from '#firmware/build/build-opus';
import { ROOT } from '#firmware/build/build-place';
import { parseArch, toolsFor } from '#firmware/build/firmware-arch';
import { findTool, runTool } from '#firmware/build/run-tool';

interface AddonFlags {
  readonly arch: string;
  readonly out: string;
  readonly dryRun?: boolean;
}

/** Adds `addons`. */
export function addAddons(program: Command): void {
  program
    .command('addons')
    .description('compile our addons and the Opus decoder, for this kind of machine or by a cross compiler for another')
    .option('--arch <arch>', 'arm64 or x64', process.arch)
    .option('--out <dir>', 'where they are laid, by kind of machine', path.join(ROOT, '.build', 'addons'))
    .option('--dry-run', 'print what would be compiled')
    .action(runAddons);
}

async function runAddons({ arch: word, out, dryRun }: AddonFlags): Promise<void> {
  const arch = parseArch(word);
  const folder = path.join(path.resolve(out), `linux-${arch}`);
  if (dryRun === true) {
    console.log(`would compile our addons and libopus for ${arch} into ${folder}`);
    return;
  }
  findTool(...toolsFor(arch, 'gcc'));
  const script = path.join(ROOT, 'firmware-scripts', 'bundle', 'build-addons.ts');
  await runTool(process.execPath, [script, '--arch', arch, '--out', path.resolve(out)]);
  await buildOpus(arch, path.join(folder, 'opus.node'));
  console.log(`${folder}: our addons and libopus`);
}
