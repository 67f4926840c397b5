/** `tonearm search`: what there is by these words. */
import { type Command, InvalidArgumentError } from 'commander';
import { ms } from '#protocol/vocabulary/units';
import type { SearchAnswer } from '../bridge/web-api-wire.ts';
import type { Act, CommandContext } from '../command-context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { clockTime } from '../screen/describe-session.ts';
import type { Colours } from '../screen/output.ts';
import { printable } from '../screen/printable.ts';
import { namesOf, nothingFound } from '../words/choose-music.ts';

const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 50;

export function addSearch(program: Command, act: Act): void {
  program
    .command('search')
    .description('find tracks, albums and artists')
    .argument('<words...>', 'each must begin a word of a title, artist or album')
    .option('--limit <count>', `of each kind, 1 to ${LIMIT_MAX}`, parseLimit, LIMIT_DEFAULT)
    .action(act((context, words: string[], options: { limit: number }) => search(context, words.join(' '), options)));
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new InvalidArgumentError(`expected a whole number from 1 to ${LIMIT_MAX}`);
}

async function search(context: CommandContext, words: string, options: { limit: number }): Promise<ExitCode> {
  const found = await (await context.bridge()).search(words, options.limit);
  const isEmpty = found.tracks.items.length + found.albums.items.length + found.artists.items.length === 0;
  if (isEmpty && !context.output.isJson) throw nothingFound(words);
  context.output.data(found, (colours) => renderSearch(found, colours));
  return isEmpty ? EXIT_CODES.failure : EXIT_CODES.ok;
}

function renderSearch(found: SearchAnswer, colours: Colours): string[] {
  const section = (title: string, total: number, rows: readonly string[]) =>
    rows.length === 0
      ? []
      : [colours.bold(total > rows.length ? `${title} (${rows.length} of ${total})` : title), ...rows];
  const row = (name: string, about: string, uri: string) =>
    `  ${printable(name)}${colours.dim(`  ${printable(about)}  ${printable(uri)}`)}`;
  return [
    ...section(
      'Tracks',
      found.tracks.total,
      found.tracks.items.map((it) =>
        row(it.name, `${namesOf(it.artists)} · ${it.album.name} · ${clockTime(ms(it.duration_ms))}`, it.uri),
      ),
    ),
    ...section(
      'Albums',
      found.albums.total,
      found.albums.items.map((it) => row(it.name, namesOf(it.artists), it.uri)),
    ),
    ...section(
      'Artists',
      found.artists.total,
      found.artists.items.map((it) => row(it.name, '', it.uri)),
    ),
  ];
}
