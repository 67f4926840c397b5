/** `npm run firmware -- COMMAND …`: from source to a speaker on a shelf. Sets the exit code; each command is a file in `commands/`. */
import { Command, CommanderError } from 'commander';
import { codeOf } from '#firmware/build/build-failure';
import { addAddons } from './commands/addons.ts';
import { addBuild } from './commands/build.ts';
import { addDelta } from './commands/delta.ts';
import { addImage } from './commands/image.ts';
import { addKeys } from './commands/keys.ts';
import { addPackage } from './commands/package.ts';
import { addPublish } from './commands/publish.ts';
import { addSign } from './commands/sign.ts';
import { addRatios, addTryBinary, addTryContainer, addTryImage, addTryPackage } from './commands/try.ts';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
/** Areas of error codes that say that the question itself was wrong. */
const USAGE_AREAS = ['input', 'config'];

/** Every command, in the order in which the help lists them; each has `--dry-run`. */
const COMMANDS: readonly ((program: Command) => void)[] = [
  addBuild,
  addAddons,
  addDelta,
  addPackage,
  addImage,
  addTryBinary,
  addTryPackage,
  addTryImage,
  addTryContainer,
  addRatios,
  addKeys,
  addSign,
  addPublish,
];

const program = new Command('firmware');
program.description('Builds, packages, signs and publishes what runs on a speaker.').exitOverride();
for (const add of COMMANDS) add(program);
try {
  await program.parseAsync(process.argv.slice(2), { from: 'user' });
} catch (thrown) {
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : EXIT_USAGE;
  else {
    const code = codeOf(thrown);
    const words = thrown instanceof Error ? thrown.message : String(thrown);
    console.error(`error: ${words}${code === null ? '' : ` (${code})`}`);
    process.exitCode = USAGE_AREAS.includes(code?.split('.')[0] ?? '') ? EXIT_USAGE : EXIT_FAILURE;
  }
}
