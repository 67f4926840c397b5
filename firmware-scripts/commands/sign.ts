/** `firmware sign`: a release of one binary, and `firmware stamp`, which makes it fresh for longer. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UPDATE_PRODUCT } from '#protocol/wire/update';
import { numberBuild, type ReleaseWords, signRelease, stampReleases } from '../ota/make-release.ts';
import { readKey } from '../ota/signing-keys.ts';

/** Of what the package owns: raised when a release needs a newer slot-select, unit or folder. */
const BASE = 1;
/** What Node 24 itself wants. */
const GLIBC_LEAST = '2.28';
const BYTES_PER_MB = 1024 * 1024;

interface SignFlags {
  readonly key: string;
  readonly version: string;
  readonly seq: number;
  readonly arch: 'arm64' | 'x64';
  readonly to: string;
  readonly channel: string;
  readonly hardware: string[];
  readonly minSeq: number;
  readonly glibc: string;
  readonly spareMb: number;
  readonly percent: number;
  readonly seed?: string;
  readonly critical?: boolean;
  readonly notes: string;
  readonly dryRun?: boolean;
}

export function addSign(program: Command): void {
  program
    .command('sign <binary>')
    .description(`sign a binary as a release of ${UPDATE_PRODUCT}`)
    .requiredOption('--key <file>', 'the release key')
    .requiredOption('--version <version>', 'as in 0.2.0')
    .requiredOption('--seq <n>', 'higher than that of every release before it', whole)
    .addOption(new Option('--arch <arch>', 'what it runs on').choices(['arm64', 'x64']).makeOptionMandatory())
    .requiredOption('--to <folder>', 'where the release is put')
    .option('--channel <name>', 'who gets it', 'stable')
    .option('--hardware <name...>', 'boards that it is for, as their device tree calls them (default: all)', [])
    .option('--min-seq <n>', 'the lowest release that may come to this one in one step', whole, 0)
    .option('--glibc <version>', 'the C library that it needs', GLIBC_LEAST)
    .option('--spare-mb <n>', 'MiB that have to stay free', whole, 8)
    .option('--percent <n>', 'of all speakers that may ever get it', whole, 100)
    .option('--seed <text>', 'shuffles which speakers come first (default: the version)')
    .option('--critical', 'does not wait for the night')
    .option('--notes <text>', 'what changes for people', '')
    .option('--dry-run', 'check everything, write nothing')
    .action(async (binary: string, flags: SignFlags) => {
      const isDryRun = flags.dryRun === true;
      const place = { folder: flags.to, nowMs: Date.now(), isDryRun };
      const manifest = await signRelease(binary, wordsOf(flags), readKey(flags.key), place);
      if (!isDryRun && numberBuild(binary, manifest)) console.log(`a package of it will be release ${manifest.seq}`);
      const { version, seq, arch, artifact } = manifest;
      console.log(
        `${isDryRun ? 'would sign' : 'signed'} ${version} (${seq}) for ${arch}: ${artifact.sizeBytes} bytes, ${artifact.sha256}`,
      );
    });
  program
    .command('stamp <folder>')
    .description('make the newest releases of a folder fresh for another fortnight; meant for each day')
    .requiredOption('--key <file>', 'the stamp key')
    .option('--dry-run', 'say what would be stamped')
    .action((folder: string, { key, dryRun }: { key: string; dryRun?: boolean }) => {
      const isDryRun = dryRun === true;
      for (const { arch, seq } of stampReleases(folder, readKey(key), Date.now(), isDryRun)) {
        console.log(`${isDryRun ? 'would stamp' : 'stamped'} ${arch} ${seq}`);
      }
    });
}

function wordsOf(flags: SignFlags): ReleaseWords {
  const { version, seq, arch, channel, hardware, minSeq, notes } = flags;
  return {
    ...{ version, seq, arch, channel, hardware, minSeq, notes },
    isCritical: flags.critical === true,
    requires: {
      base: BASE,
      glibc: flags.glibc,
      freeBytes: (flags.spareMb * BYTES_PER_MB) as ReleaseWords['requires']['freeBytes'],
    },
    rollout: { percent: flags.percent, seed: flags.seed ?? version },
  };
}

function whole(text: string): number {
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('wants a whole number.');
}
