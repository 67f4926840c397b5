/** `firmware keys generate|rotate|show`: the keys of those who publish. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { Argument } from 'commander';
import {
  generateKeys,
  KEY_NAMES,
  type KeyName,
  ROOT_NAMES,
  type Root,
  readRoot,
  rotateKey,
} from '../ota/signing-keys.ts';

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('make and replace the keys that updates are signed with');
  keys
    .command('generate <folder>')
    .description('three root keys, one for releases, one for stamps, and the root of trust keys.json')
    .option('--dry-run', 'say what would be made')
    .action((folder: string, { dryRun }: { dryRun?: boolean }) => {
      if (dryRun === true) console.log(`would make ${KEY_NAMES.map((name) => join(folder, `${name}.key`)).join(', ')}`);
      else show(generateKeys(folder, Date.now()));
    });
  keys
    .command('rotate')
    .description('replace one key; the new root of trust is signed by two of the old root keys')
    .addArgument(new Argument('<key>', 'which one').choices(KEY_NAMES))
    .argument('<folder>', 'of the keys')
    .option('--signer <file...>', 'root keys to sign with (default: root-1.key and root-2.key of the folder)')
    .option('--dry-run', 'say what would be replaced')
    .action((name: KeyName, folder: string, { signer, dryRun }: { signer?: string[]; dryRun?: boolean }) => {
      const signers = signer ?? ROOT_NAMES.slice(0, 2).map((each) => join(folder, `${each}.key`));
      const { root } = readRoot(folder);
      if (dryRun === true)
        console.log(`would replace ${name} in root ${root.version + 1}, signed by ${signers.join(', ')}`);
      else show(rotateKey(folder, name, signers, Date.now()));
    });
  keys
    .command('show <folder>')
    .description('the root of trust')
    .option('--dry-run', 'changes nothing anyway')
    .action((folder: string) => show(readRoot(folder)));
}

function show({ root }: Root): void {
  const { version, threshold, rootKeys, releaseKeys, stampKeys } = root;
  console.log(`root ${version}: ${threshold} of ${rootKeys.length} root keys`);
  for (const [index, key] of rootKeys.entries()) console.log(`  root-${index + 1}  ${key}`);
  for (const key of releaseKeys) console.log(`  release ${key}`);
  for (const key of stampKeys) console.log(`  stamp   ${key}`);
}
