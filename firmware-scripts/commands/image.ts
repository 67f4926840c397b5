/** `npm run firmware -- image`: what is written to a card, so that a board starts as a speaker. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { readBuilt } from '#firmware/build/build-firmware';
import { placeFor } from '#firmware/build/build-place';
import { inMegabytes } from '#firmware/build/check-output';
import { parseArch } from '#firmware/build/firmware-arch';
import { NO_LAYER, readLayer } from '#firmware/image/layer';
import { describeImage, makeImage } from '#firmware/image/make-image';
import { packageFile } from '#firmware/package/make-package';
import { TonearmError } from '#protocol/vocabulary/errors';

interface ImageFlags {
  readonly arch: string;
  readonly out?: string;
  readonly layer?: string;
  readonly dryRun?: boolean;
}

/** Adds `image`. */
export function addImage(program: Command): void {
  program
    .command('image')
    .description('make the image of a card that a board starts from, of the package that was made; as root')
    .option('--arch <arch>', 'arm64', 'arm64')
    .option('--out <dir>', 'where it is made (default: .build/firmware)')
    .option('--layer <dir>', 'what a board needs beyond Debian (firmware-scripts/image/layers)')
    .option('--dry-run', 'print the steps, and do none')
    .action(runImage);
}

async function runImage({ arch, out, layer, dryRun }: ImageFlags): Promise<void> {
  if (parseArch(arch) !== 'arm64') {
    throw new TonearmError('input.invalid', '--arch: there are images for arm64 alone', { field: 'arch' });
  }
  const place = placeFor('arm64', out);
  const deb = packageFile(place, readBuilt(place).version);
  if (!existsSync(deb)) throw new TonearmError('input.invalid', `there is no ${deb}: make the package first`);
  const options = { deb, layer: layer === undefined ? NO_LAYER : readLayer(layer) };
  if (dryRun === true) {
    for (const line of describeImage(place, options)) console.log(`would ${line}`);
    return;
  }
  const { file, sizeBytes, usedBytes } = await makeImage(place, options, (line) => console.log(line));
  console.log(`${file}: ${inMegabytes(sizeBytes)}, of which ${inMegabytes(usedBytes)} hold something`);
}
