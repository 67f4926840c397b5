/** `tonearm status`: what plays where; with `--watch`, as it happens. */
import type { Command } from 'commander';
import { ms } from '#protocol/vocabulary/units';
import type { Act } from '../command-context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { renderStatus } from '../screen/render-status.ts';
import { watchStatus } from '../screen/watch-status.ts';

export function addStatus(program: Command, act: Act): void {
  program
    .command('status')
    .description('show what plays where')
    .option('-w, --watch', 'keep showing it, as it changes; ends with Ctrl-C')
    .action(
      act(async (context, options: { readonly watch?: true }) => {
        if (options.watch === true) return watchStatus(context);
        const household = await (await context.bridge()).household();
        context.output.data(household, (colours) =>
          renderStatus(household, { ageMs: ms(0), columns: context.output.stdout.columns(), colours }),
        );
        return EXIT_CODES.ok;
      }),
    );
}
