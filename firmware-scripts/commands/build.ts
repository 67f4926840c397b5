/** `npm run firmware -- build`: one binary of everything that a speaker is, for one kind of machine. */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { BuildFailure } from '#firmware/build/build-failure';
import { type BuiltFirmware, buildFirmware, describeBuild } from '#firmware/build/build-firmware';
import { BINARY_NAME, type BuildPlace, placeFor, SOFTWARE_FILE, VERSION_FILE } from '#firmware/build/build-place';
import { inMegabytes } from '#firmware/build/check-output';
import { parseArch } from '#firmware/build/firmware-arch';

interface BuildFlags {
  readonly arch: string;
  readonly out?: string;
  readonly twice?: boolean;
  readonly dryRun?: boolean;
}

/** Adds `build`. */
export function addBuild(program: Command): void {
  program
    .command('build')
    .description('make the binary of a speaker: bundles, addons and Node in one file, checked')
    .option('--arch <arch>', 'arm64 or x64', process.arch)
    .option('--out <dir>', 'where it is made (default: .build/firmware)')
    .option('--twice', 'make it a second time from nothing, and compare the two byte by byte')
    .option('--dry-run', 'print the steps, and do none')
    .action(runBuild);
}

async function runBuild({ arch, out, twice, dryRun }: BuildFlags): Promise<void> {
  const place = placeFor(parseArch(arch), out);
  const isFresh = false;
  if (dryRun === true) {
    for (const line of describeBuild(place, { isFresh })) console.log(`would ${line}`);
    return;
  }
  const built = await buildFirmware(place, { isFresh }, (line) => console.log(line));
  report(built);
  if (twice === true) await buildAgain(place);
}

function report({ binary, version, sizeBytes, sha256 }: BuiltFirmware): void {
  console.log(`${binary}: Tonearm ${version}, ${inMegabytes(sizeBytes)}, sha256 ${sha256}`);
}

async function buildAgain(place: BuildPlace): Promise<void> {
  const again = placeFor(place.arch, path.join(place.work, 'again'));
  await buildFirmware(again, { isFresh: true }, (line) => console.log(`again: ${line}`));
  for (const name of [BINARY_NAME, VERSION_FILE, SOFTWARE_FILE]) {
    const [first, second] = [place, again].map(({ output }) => readFileSync(path.join(output, name)));
    if (first === undefined || second === undefined || !first.equals(second)) {
      throw new BuildFailure('build.not-reproducible', `two builds of the same source differ in ${name}`);
    }
  }
  rmSync(path.join(place.work, 'again'), { recursive: true });
  console.log('twice the same, byte by byte');
}
