/** `tonearm devices`: the speakers of the house, and how each is. */
import type { Command } from 'commander';
import type { Act } from '../command-context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { renderDevices } from '../screen/render-devices.ts';

export function addDevices(program: Command, act: Act): void {
  program
    .command('devices')
    .description('list the speakers')
    .action(
      act(async ({ output, bridge }) => {
        const { speakers } = await (await bridge()).household();
        output.data({ speakers }, (colours) => renderDevices(speakers, colours));
        return EXIT_CODES.ok;
      }),
    );
}
