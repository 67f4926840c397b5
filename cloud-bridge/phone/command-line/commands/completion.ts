/** `tonearm completion SHELL`, and what it calls by itself: the names of the speakers, as they are when somebody asks. */
import { Argument, type Command } from 'commander';
import { APP_WITH_COMMANDS, commandsOfApp, helpOfApp } from '../app-help.ts';
import type { Act } from '../command-context.ts';
import { bashCompletion } from '../completion/bash-completion.ts';
import { type AppFlags, completionPlaces } from '../completion/completion-words.ts';
import { fishCompletion } from '../completion/fish-completion.ts';
import { zshCompletion } from '../completion/zsh-completion.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { describeCommand } from '../manual/command-node.ts';
import { flagsOf, parseUsage } from '../manual/usage-text.ts';
import { APP_NAMES } from '../run-app.ts';
import { printable } from '../screen/printable.ts';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export function addCompletion(program: Command, act: Act): void {
  program
    .command('completion')
    .description('print what a shell needs to complete tonearm: eval "$(tonearm completion bash)"')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .action(
      act(async ({ surroundings }, shell: keyof typeof SHELLS) => {
        const plain = APP_NAMES.filter((name) => name !== APP_WITH_COMMANDS);
        const [whole, ...apps] = await Promise.all([
          commandsOfApp(surroundings.node),
          ...plain.map((name) => flagsOfApp(name, surroundings.node)),
        ]);
        surroundings.stdout.write(SHELLS[shell](completionPlaces(describeCommand(program), apps, [whole])));
        return EXIT_CODES.ok;
      }),
    );
  // For the completions alone: silent when there is nothing to say, since it is called while somebody types.
  program.command('complete-speakers', { hidden: true }).action(
    act(async ({ bridge, surroundings }) => {
      const names = await bridge()
        .then((client) => client.household())
        .then(({ speakers }) => speakers.map(({ name }) => printable(name)))
        .catch((): string[] => []);
      surroundings.stdout.write(names.map((name) => `${name}\n`).join(''));
      return EXIT_CODES.ok;
    }),
  );
}

async function flagsOfApp(name: (typeof APP_NAMES)[number], node: string): Promise<AppFlags> {
  return { name, flags: parseUsage(await helpOfApp(name, node)).entries.flatMap(flagsOf) };
}
