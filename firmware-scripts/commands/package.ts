/** `npm run firmware -- package`: the Debian package of a speaker, of the binary that `build` has made. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { buildFirmware } from '#firmware/build/build-firmware';
import { BINARY_NAME, placeFor } from '#firmware/build/build-place';
import { inMegabytes } from '#firmware/build/check-output';
import { parseArch } from '#firmware/build/firmware-arch';
import { describePackage, makePackage, readSourceDate } from '#firmware/package/make-package';
import { TonearmError } from '#protocol/vocabulary/errors';

interface PackageFlags {
  readonly arch: string;
  readonly out?: string;
  readonly keys?: string;
  readonly dryRun?: boolean;
}

/** Adds `package`. */
export function addPackage(program: Command): void {
  program
    .command('package')
    .description('make the Debian package of a speaker, of the binary that build has made or of a new one')
    .option('--arch <arch>', 'arm64 or x64', process.arch)
    .option('--out <dir>', 'where it is made (default: .build/firmware)')
    .option('--keys <file>', 'whose updates it takes: the signed root of trust (default: none)')
    .option('--dry-run', 'print what it would hold, and make nothing')
    .action(runPackage);
}

async function runPackage({ arch, out, keys, dryRun }: PackageFlags): Promise<void> {
  const place = placeFor(parseArch(arch), out);
  if (keys !== undefined && !existsSync(keys)) {
    throw new TonearmError('input.invalid', `--keys: there is no ${keys}`, { field: 'keys' });
  }
  const options = { keysFile: keys ?? null, sourceDate: await readSourceDate(process.env['SOURCE_DATE_EPOCH']) };
  if (dryRun === true) {
    for (const line of await describePackage(place, options)) console.log(`would hold ${line}`);
    return;
  }
  if (!existsSync(path.join(place.output, BINARY_NAME))) {
    await buildFirmware(place, { isFresh: false }, (line) => console.log(line));
  }
  const { file, sizeBytes } = await makePackage(place, options);
  console.log(`${file}: ${inMegabytes(sizeBytes)}`);
}
