/** `tonearm seek`: to a place in the track, or some seconds from here. */
import type { Command } from 'commander';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { Act, CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { clockTime, describeTrack } from '../screen/describe-session.ts';
import { parsePosition, positionFrom } from '../words/parse-position.ts';

export function addSeek(program: Command, act: Act): void {
  program
    .command('seek')
    .description('go to a place in the track')
    .argument('<position>', '90, 1:30, or a step: +10, -10, -1:00')
    .action(act(seek));
}

async function seek(context: CommandContext, text: string): Promise<ExitCode> {
  const position = parsePosition(text);
  if (!position.ok) throw new CommandFailure(position.error, { nextStep: 'tonearm seek 1:30, or tonearm seek -10' });
  const bridge = await context.bridge();
  const { session } = await bridge.household();
  if (session.track === null) {
    throw new CommandFailure(new TonearmError('session.not-playing', 'nothing is playing that could be sought in'));
  }
  const positionMs = positionFrom(position.value, session.positionMs, session.track.durationMs);
  await bridge.player('PUT', 'seek', { position_ms: positionMs });
  context.output.done(
    { positionMs, track: session.track },
    `${describeTrack(session.track)}: ${clockTime(positionMs)} of ${clockTime(session.track.durationMs)}.`,
  );
  return EXIT_CODES.ok;
}
