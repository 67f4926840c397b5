/** `tonearm rename`, `give` and `forget`: what the speakers of the house are called, whose they are, and that one goes. */
import type { Command } from 'commander';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { RestClient } from '../bridge/rest-client.ts';
import type { Act, CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { printable } from '../screen/printable.ts';
import { matchName, type Named, plainName } from '../words/match-name.ts';

interface NewName {
  readonly to: string;
}

export function addOwnSpeakers(program: Command, act: Act): void {
  program
    .command('rename')
    .description('call a speaker something else')
    .argument('<speaker...>', 'a name, its beginning, or an id')
    .requiredOption('--to <name>', 'the new name')
    .action(act(rename));
  program
    .command('give')
    .description('give a speaker to another person of the house')
    .argument('<speaker...>', 'a name, its beginning, or an id')
    .requiredOption('--to <person>', 'whose it is from now on')
    .action(act(give));
  program
    .command('forget')
    .description('a speaker leaves the house, and can be paired anew, here or in another')
    .argument('<speaker...>', 'its whole name, or an id')
    .action(act(forget));
}

async function rename(context: CommandContext, words: string[], { to }: NewName): Promise<ExitCode> {
  const bridge = await context.bridge();
  const { id, name } = await choose(bridge, words.join(' '));
  const speaker = await bridge.changeSpeaker(id, { name: to });
  context.output.done({ id, name: speaker.name }, `${printable(name)} is called ${printable(speaker.name)} now.`);
  return EXIT_CODES.ok;
}

async function give(context: CommandContext, words: string[], { to }: NewName): Promise<ExitCode> {
  const bridge = await context.bridge();
  const { id, name } = await choose(bridge, words.join(' '));
  const person = (await bridge.people()).find((it) => plainName(it.name) === plainName(to));
  if (person === undefined) {
    const error = new TonearmError('access.account-not-found', `nobody here is called ${JSON.stringify(to)}`);
    throw new CommandFailure(error, { nextStep: '`tonearm people` lists them', exitCode: EXIT_CODES.usage });
  }
  await bridge.changeSpeaker(id, { ownerId: person.id });
  context.output.done({ id, ownerId: person.id }, `${printable(name)} is ${printable(person.name)}’s now.`);
  return EXIT_CODES.ok;
}

/** By the whole name: no speaker is forgotten for sharing first letters. */
async function forget(context: CommandContext, words: string[]): Promise<ExitCode> {
  const bridge = await context.bridge();
  const typed = words.join(' ');
  const speakers = await known(bridge);
  const meant = speakers.filter((it) => it.id === typed || plainName(it.name) === plainName(typed));
  const [only] = meant;
  if (only === undefined || meant.length > 1) throw notOne(speakers, typed, meant.length);
  await bridge.forgetSpeaker(only.id);
  context.output.done({ id: only.id, name: only.name }, `${printable(only.name)} belongs to nobody now.`);
  return EXIT_CODES.ok;
}

async function choose(bridge: RestClient, typed: string): Promise<Named> {
  const speakers = await bridge.pairedSpeakers();
  const match = matchName(speakers, typed);
  if (match.kind === 'one') return match.item;
  throw notOne(speakers, typed, match.kind === 'several' ? match.items.length : 0);
}

/** The paired ones, and those that an open house knows without having paired them. */
async function known(bridge: RestClient): Promise<readonly Named[]> {
  const [paired, { speakers }] = await Promise.all([bridge.pairedSpeakers(), bridge.household()]);
  const ids = new Set<string>(paired.map(({ id }) => id));
  return [...paired, ...speakers.filter(({ id }) => !ids.has(id))];
}

function notOne(speakers: readonly Named[], typed: string, fitting: number): CommandFailure {
  const message = fitting > 1 ? `"${typed}" fits several speakers` : `no speaker of this house is called "${typed}"`;
  const names = speakers.map(({ id, name }) => `${printable(name)} (${id.slice(0, 8)})`).join(', ');
  return new CommandFailure(new TonearmError('session.speaker-not-found', message, { field: 'SPEAKER' }), {
    nextStep: names === '' ? 'none is paired; `tonearm pair` lists new ones' : `there are: ${names}`,
    exitCode: EXIT_CODES.usage,
  });
}
