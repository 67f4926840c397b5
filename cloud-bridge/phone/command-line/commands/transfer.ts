/** `tonearm transfer`: the music moves to another speaker and goes on there. */
import type { Command } from 'commander';
import { settled } from '../bridge/settled.ts';
import type { Act, CommandContext } from '../command-context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { describeSession } from '../screen/describe-session.ts';
import { chooseSpeaker } from '../words/choose-speaker.ts';

export function addTransfer(program: Command, act: Act): void {
  program
    .command('transfer')
    .description('move the music to another speaker')
    .argument('<speaker...>', 'a name, its beginning, or an id')
    .option('--pause', 'and pause there')
    .action(act(transfer));
}

async function transfer(
  context: CommandContext,
  words: string[],
  options: { readonly pause?: true },
): Promise<ExitCode> {
  const bridge = await context.bridge();
  const { speakers } = await bridge.household();
  const speaker = chooseSpeaker(speakers, words.join(' '));
  // Without `play` the bridge keeps what it does now. It has no word for "and pause", so that is a second command.
  await bridge.player('PUT', '', {}, { device_ids: [speaker.id] });
  if (options.pause === true) await bridge.player('PUT', 'pause', { device_id: speaker.id });
  const after = await settled(
    bridge,
    context.surroundings.clock,
    ({ session }) =>
      session.activeSpeakerId === speaker.id &&
      session.playback !== 'buffering' &&
      (options.pause !== true || session.playback !== 'playing'),
  );
  context.output.done({ session: after.session }, describeSession(after));
  return EXIT_CODES.ok;
}
