/**
 * `npm run firmware -- try-binary`, `try-package`, `try-container` and `try-image`: what was built, tried on this machine, emulated
 * where it is for another.
 * They take minutes, and are no part of the tests; the work is a program of the simulators, since it needs a bridge.
 */
import path from 'node:path';
import type { Command } from 'commander';
import { readBuilt } from '#firmware/build/build-firmware';
import { type BuildPlace, placeFor, ROOT } from '#firmware/build/build-place';
import { ARCH_NAMES, parseArch } from '#firmware/build/firmware-arch';
import { imageFile } from '#firmware/image/make-image';
import { packageFile } from '#firmware/package/make-package';
import { runScript } from '../lib/project.mjs';

interface TryFlags {
  readonly arch: string;
  readonly out?: string;
  readonly against?: string;
  readonly track?: string;
  readonly seconds?: string;
  readonly root?: string;
  readonly dryRun?: boolean;
}

interface RatioFlags {
  readonly out?: string;
  readonly runs: string;
  readonly nodeOptions?: readonly string[];
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

const PROGRAMS = path.join(ROOT, 'simulators', 'board');

/** Adds `try-binary`. */
export function addTryBinary(program: Command): void {
  common(program.command('try-binary'))
    .description('let the binary dial a bridge and play into a file, and compare the sound with another binary’s')
    .option('--against <binary>', 'one for this machine')
    .option('--track <file>', 'what it plays (default: noise)')
    .option('--seconds <n>', 'how much of it', '20')
    .action((flags: TryFlags) => {
      const place = placeFor(parseArch(flags.arch), flags.out);
      const words = [readBuilt(place).binary, place.arch, ...(flags.against === undefined ? [] : [flags.against])];
      return start(flags, 'try-binary.ts', [
        ...words,
        ...option('track', flags.track),
        ...option('seconds', flags.seconds),
      ]);
    });
}

/** Adds `ratios`. */
export function addRatios(program: Command): void {
  program
    .command('ratios')
    .description(
      'measure the binaries on each kind of machine, emulated where it is another: starts, sound, CPU, memory',
    )
    .option('--out <dir>', 'where they were built (default: .build/firmware)')
    .option('--runs <n>', 'starts of each, of which the median counts', '5')
    .option('--node-options <words...>', 'also with these options of Node, one word each set: "--a --b"')
    .option('--json', 'in one line')
    .option('--dry-run', 'print what would be run')
    .action((flags: RatioFlags) => {
      const words = (['x64', 'arm64'] as const).flatMap((arch) => {
        const { binary } = readBuilt(placeFor(arch, flags.out));
        return [binary, arch];
      });
      const sets = (flags.nodeOptions ?? []).map((set) => `--node-options=${set}`);
      return start(flags, 'measure-binary.ts', [
        ...words,
        ...['--runs', flags.runs, ...sets],
        ...(flags.json === true ? ['--json'] : []),
      ]);
    });
}

/** Adds `try-package`. */
export function addTryPackage(program: Command): void {
  common(program.command('try-package'))
    .description('install, start, upgrade and purge the package in a clean Debian, as root')
    .option('--root <tar>', 'that Debian (default: made once by mmdebstrap)')
    .action((flags: TryFlags) => {
      const place: BuildPlace = placeFor(parseArch(flags.arch), flags.out);
      const words = [packageFile(place, readBuilt(place).version), ARCH_NAMES[place.arch].debian];
      return start(flags, 'try-package.ts', [...words, ...option('root', flags.root)]);
    });
}

/** Adds `try-container`. */
export function addTryContainer(program: Command): void {
  program
    .command('try-container')
    .description('build Dockerfile.arm on a Debian made here, and run it until it is healthy and has played, as root')
    .option('--arch <arch>', 'arm64 or x64', 'arm64')
    .option('--keep', 'leave the image where it was built')
    .option('--dry-run', 'print what would be run')
    .action(({ arch, keep, dryRun }: { readonly arch: string; readonly keep?: boolean; readonly dryRun?: boolean }) => {
      const words = [parseArch(arch), ...(keep === true ? ['--keep'] : []), ...(dryRun === true ? ['--dry-run'] : [])];
      return start({}, 'try-container.ts', words);
    });
}

/** Adds `try-image`. */
export function addTryImage(program: Command): void {
  common(program.command('try-image'), 'arm64')
    .description('start the image in an emulated board, pair it, play, pull its plug, start it again')
    .option('--seconds <n>', 'how much is played', '20')
    .action((flags: TryFlags) => {
      const place = placeFor(parseArch(flags.arch), flags.out);
      const words = [imageFile(place, packageFile(place, readBuilt(place).version))];
      return start(flags, 'try-image.ts', [...words, ...option('seconds', flags.seconds)]);
    });
}

function common(command: Command, arch: string = process.arch): Command {
  return command
    .option('--arch <arch>', 'arm64 or x64', arch)
    .option('--out <dir>', 'where it was built (default: .build/firmware)')
    .option('--dry-run', 'print what would be run');
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`--${name}`, value];
}

async function start({ dryRun }: Pick<TryFlags, 'dryRun'>, script: string, words: readonly string[]): Promise<void> {
  const file = path.join(PROGRAMS, script);
  if (dryRun === true) console.log(`would run ${[file, ...words].join(' ')}`);
  else process.exitCode = await runScript(file, words);
}
