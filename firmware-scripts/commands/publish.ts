/** `firmware publish` and `firmware pack`: from a folder of signed releases to a bridge's, or into one file for a speaker without a bridge. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { readReleases, readRoots } from '#protocol/adapters/release-folder';
import { TonearmError } from '#protocol/vocabulary/errors';
import { checkRelease, newestOfEach, packRelease, publishReleases } from '../ota/make-release.ts';

export function addPublish(program: Command): void {
  program
    .command('publish <folder>')
    .description('put the newest signed releases of a folder where a bridge serves them, checked as a speaker would')
    .requiredOption('--keys <folder>', 'the roots of trust')
    .requiredOption('--to <folder>', 'the bridge’s folder: firmware in its data folder')
    .option('--dry-run', 'check everything, copy nothing')
    .action(async (folder: string, { keys, to, dryRun }: { keys: string; to: string; dryRun?: boolean }) => {
      const isDryRun = dryRun === true;
      for (const { version, seq, arch } of await publishReleases(folder, to, readRoots(keys), isDryRun)) {
        console.log(`${isDryRun ? 'would publish' : 'published'} ${version} (${seq}) for ${arch} in ${to}`);
      }
    });
  program
    .command('pack <folder>')
    .description('one file for each architecture of a published folder, for “tonearm speaker update FILE”')
    .requiredOption('--to <folder>', 'where the files go')
    .option('--dry-run', 'check everything, write nothing')
    .action(async (folder: string, { to, dryRun }: { to: string; dryRun?: boolean }) => {
      const releases = newestOfEach(readReleases(folder));
      if (releases.length === 0) throw new TonearmError('config.invalid', `there is no release in ${folder}`);
      for (const release of releases) {
        const { manifest } = checkRelease(release.file, readRoots(folder));
        const path = join(to, `tonearm-${manifest.version}-${manifest.arch}.update`);
        if (dryRun !== true) await packRelease(folder, release, path);
        console.log(`${dryRun === true ? 'would pack' : 'packed'} ${path}`);
      }
    });
}
