/** `tonearm simulate speakers`: its flags and its help. */
import type { Command } from 'commander';
import type { SpeakersFlags } from '#sim/crowd/run-speakers';
import { addReportFlags } from '#sim/report/write-report';
import type { Act } from '../simulate-context.ts';
import { addCrowdFlags } from './crowd-flags.ts';

export function addSpeakers(program: Command, act: Act): void {
  const command = program
    .command('speakers')
    .description('Thousands of speakers on real sockets, that are listened to and switched off and on.');
  addCrowdFlags(command, '<n>  from 1 to 20000')
    .option(
      '--pair',
      'pair each one with the bridge first, as a person would; up to 64, needs --state and an owner’s token',
    )
    .option(
      '--register <folder>',
      'enter them into the data folder of a bridge that does not run, and end; needs --state',
    )
    .option(
      '--state <folder>',
      'where their keys are kept; without it they are the same for everybody with this program',
    )
    .option('--listeners <n>', 'people who play music on them; each plays on one speaker at a time (default: 1)');
  addReportFlags(command).action(
    act(async (context, flags: SpeakersFlags) => {
      const { runSpeakers } = await import('#sim/crowd/run-speakers');
      return await runSpeakers(flags, context);
    }),
  );
}
