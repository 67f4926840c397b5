/** `tonearm pause`. */
import type { Command } from 'commander';
import { settled } from '../bridge/settled.ts';
import type { Act } from '../command-context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { describeSession } from '../screen/describe-session.ts';

export function addPause(program: Command, act: Act): void {
  program
    .command('pause')
    .description('pause what plays')
    .action(
      act(async ({ output, surroundings, bridge }) => {
        const client = await bridge();
        await client.player('PUT', 'pause');
        const after = await settled(client, surroundings.clock, ({ session }) => session.playback !== 'playing');
        output.done({ session: after.session }, describeSession(after));
        return EXIT_CODES.ok;
      }),
    );
}
