/** `tonearm queue`: what comes next, and one more. */
import type { Command } from 'commander';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { Act, CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { renderQueue } from '../screen/render-status.ts';
import { findMusic } from '../words/find-music.ts';

export function addQueue(program: Command, act: Act): void {
  const queue = program.command('queue').description('show what comes next, or add to it');
  queue
    .command('show', { isDefault: true })
    .description('what plays and what comes next')
    .action(
      act(async ({ output, bridge }) => {
        const { session } = await (await bridge()).household();
        output.data({ current: session.track, next: session.next }, (colours) => renderQueue(session, colours));
        return EXIT_CODES.ok;
      }),
    );
  queue
    .command('add')
    .description('play a track after the current one')
    .argument('<what...>', 'an address (tonearm:track:…), or words: the best matching track')
    .action(act((context, what: string[]) => add(context, what.join(' '))));
}

async function add(context: CommandContext, words: string): Promise<ExitCode> {
  const bridge = await context.bridge();
  const music = await findMusic(bridge, words, 'track');
  if (music.kind !== 'track') {
    throw new CommandFailure(
      new TonearmError('input.invalid', `only tracks can be queued, ${music.uri} is none`, { field: 'WHAT' }),
      { nextStep: `play it instead: tonearm play ${music.uri}` },
    );
  }
  await bridge.player('POST', 'queue', { uri: music.uri });
  context.output.done({ added: music }, `Queued ${music.description}.`);
  return EXIT_CODES.ok;
}
