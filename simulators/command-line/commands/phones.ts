/** `tonearm simulate phones`: its flags and its help. */
import type { Command } from 'commander';
import type { PhonesFlags } from '#sim/crowd/run-phones';
import { addReportFlags } from '#sim/report/write-report';
import type { Act } from '../simulate-context.ts';
import { addCrowdFlags } from './crowd-flags.ts';

export function addPhones(program: Command, act: Act): void {
  const command = program
    .command('phones')
    .description('People with phones on a bridge’s events socket: what they ask, how soon and how they are answered.');
  addCrowdFlags(command, '<n>  from 1 to 1000; a bridge takes 256');
  addReportFlags(command).action(
    act(async (context, flags: PhonesFlags) => {
      const { runPhones } = await import('#sim/crowd/run-phones');
      return await runPhones(flags, context);
    }),
  );
}
