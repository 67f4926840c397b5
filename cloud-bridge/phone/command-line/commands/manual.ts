/** `tonearm manual`: the man pages, for `npm run man`; what is printed is what `--help` is printed from. */
import type { Command } from 'commander';
import { APP_WITH_COMMANDS, commandsOfApp, helpOfApp } from '../app-help.ts';
import type { Act } from '../command-context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { describeCommand } from '../manual/command-node.ts';
import { appCommandsManPage, appManPage, commandManPage } from '../manual/man-pages.ts';
import { APP_NAMES } from '../run-app.ts';

/** @param afterHelp what the program's help ends with */
export function addManual(program: Command, act: Act, afterHelp: string): void {
  program.command('manual', { hidden: true }).action(
    act(async ({ surroundings }) => {
      const page = commandManPage(describeCommand(program), afterHelp, APP_NAMES);
      const apps = await Promise.all(
        APP_NAMES.map(async (name) =>
          name === APP_WITH_COMMANDS
            ? appCommandsManPage(await commandsOfApp(surroundings.node))
            : appManPage(name, await helpOfApp(name, surroundings.node)),
        ),
      );
      surroundings.stdout.write(`${JSON.stringify([page, ...apps], null, 2)}\n`);
      return EXIT_CODES.ok;
    }),
  );
}
