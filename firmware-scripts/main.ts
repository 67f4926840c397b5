/** `npm run firmware -- COMMAND …`: from source to a speaker on a shelf. Sets the exit code; each command is a file in `commands/`. */
import { Command, CommanderError } from 'commander';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/** Every command, in the order in which the help lists them; each has `--dry-run`. */
const COMMANDS: readonly ((program: Command) => void)[] = [];

const program = new Command('firmware');
program.description('Builds, packages, signs and publishes what runs on a speaker.').exitOverride();
for (const add of COMMANDS) add(program);
try {
  await program.parseAsync(process.argv.slice(2), { from: 'user' });
} catch (thrown) {
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : EXIT_USAGE;
  else {
    console.error(`error: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    process.exitCode = EXIT_FAILURE;
  }
}
