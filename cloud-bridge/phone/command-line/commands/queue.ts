/**
 * `tonearm queue`: what comes next, and changes of it. People say numbers as `tonearm queue` shows them; the bridge is told
 * the names of those entries, so that a track that ended meanwhile does not shift what is meant.
 */
import type { Command } from 'commander';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SessionView } from '#protocol/wire/household';
import type { Act, CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { renderQueue } from '../screen/render-status.ts';
import { findMusic } from '../words/find-music.ts';

export function addQueue(program: Command, act: Act): void {
  const queue = program.command('queue').description('show what comes next, or change it');
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
    .option('--next', 'in front of what was queued before, not behind it')
    .action(
      act((context, what: string[], options: { next?: boolean }) =>
        add(context, what.join(' '), options.next === true),
      ),
    );
  queue
    .command('remove')
    .description('take tracks out of what comes next')
    .argument('<numbers...>', 'as `tonearm queue` shows them')
    .action(act((context, numbers: string[]) => remove(context, numbers)));
  queue
    .command('move')
    .description('play a track that comes at another time')
    .argument('<number>', 'as `tonearm queue` shows it')
    .argument('[after]', 'the number of the track that it is to follow; without: it comes first')
    .action(act((context, number: string, after?: string) => move(context, number, after)));
  queue
    .command('clear')
    .description('take out all that was queued; what plays, plays on')
    .action(
      act(async (context) => {
        await (await context.bridge()).queue('DELETE', {});
        context.output.done({ cleared: true }, 'Nothing is queued any more.');
        return EXIT_CODES.ok;
      }),
    );
}

async function add(context: CommandContext, words: string, isNext: boolean): Promise<ExitCode> {
  const bridge = await context.bridge();
  const music = await findMusic(bridge, words, 'track');
  if (music.kind !== 'track') {
    throw new CommandFailure(
      new TonearmError('input.invalid', `only tracks can be queued, ${music.uri} is none`, { field: 'WHAT' }),
      { nextStep: `play it instead: tonearm play ${music.uri}` },
    );
  }
  const trackId = music.uri.split(':').at(-1);
  if (isNext) await bridge.queue('POST', { body: { trackIds: [trackId], isNext } });
  else await bridge.player('POST', 'queue', { uri: music.uri });
  context.output.done({ added: music }, `Queued ${music.description}.`);
  return EXIT_CODES.ok;
}

async function remove(context: CommandContext, numbers: readonly string[]): Promise<ExitCode> {
  const bridge = await context.bridge();
  const { session } = await bridge.household();
  const uids = [...new Set(numbers.map((number) => uidOf(session, number)))];
  await bridge.queue('DELETE', { query: { uids: uids.join(',') } });
  context.output.done({ removed: uids }, uids.length === 1 ? 'Took out one track.' : `Took out ${uids.length} tracks.`);
  return EXIT_CODES.ok;
}

async function move(context: CommandContext, number: string, after: string | undefined): Promise<ExitCode> {
  const bridge = await context.bridge();
  const { session } = await bridge.household();
  const uid = uidOf(session, number);
  const anchor = after === undefined ? null : uidOf(session, after);
  await bridge.queue('PATCH', { body: { uid, after: anchor } });
  context.output.done({ moved: uid, after: anchor }, 'Moved.');
  return EXIT_CODES.ok;
}

/** The name of the entry that people see under this number. */
function uidOf({ nextUids = [] }: SessionView, number: string): string {
  const uid = /^\d{1,4}$/.test(number) ? nextUids[Number(number) - 1] : undefined;
  if (uid !== undefined) return uid;
  const error = new TonearmError('input.invalid', `nothing that comes next has the number ${number}`, {
    field: 'NUMBER',
  });
  throw new CommandFailure(error, { nextStep: 'see the numbers: tonearm queue' });
}
