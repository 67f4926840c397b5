/** `tonearm play`: go on, or start what the words say, here or on another speaker. */
import { type Command, Option } from 'commander';
import type { HouseholdSnapshot, SpeakerView } from '#protocol/wire/household';
import type { RestClient } from '../bridge/rest-client.ts';
import { settled } from '../bridge/settled.ts';
import type { Act, CommandContext } from '../command-context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { describeSession } from '../screen/describe-session.ts';
import { MUSIC_KINDS, type Music, type MusicKind } from '../words/choose-music.ts';
import { chooseSpeaker, speakerToStart } from '../words/choose-speaker.ts';
import { findMusic } from '../words/find-music.ts';

const LIBRARY: Music = { kind: 'other', uri: 'tonearm:library', description: 'all music' };

interface PlayOptions {
  readonly on?: string;
  readonly kind?: MusicKind;
}

export function addPlay(program: Command, act: Act): void {
  program
    .command('play')
    .description('go on, or play WHAT: an address, or words (the best match of track, album, artist)')
    .argument('[what...]', 'e.g. tonearm:album:4aawyAB9vmqN3uQ7FjRGTy, or: kind of blue')
    .option('--on <speaker>', 'where: a name, its beginning, or an id')
    .addOption(new Option('--kind <kind>', 'what the words name').choices([...MUSIC_KINDS]))
    .action(act((context, what: string[], options: PlayOptions) => play(context, what.join(' ').trim(), options)));
}

async function play(context: CommandContext, words: string, options: PlayOptions): Promise<ExitCode> {
  const bridge = await context.bridge();
  const household = await bridge.household();
  const named = options.on === undefined ? null : chooseSpeaker(household.speakers, options.on);
  const music = await musicToPlay(bridge, household, words, options.kind);
  const speaker = named ?? speakerToStart(household.speakers);
  if (music === null && speaker !== null && !speaker.isActive) {
    // What was playing elsewhere, or on a speaker that has gone, goes on here.
    await bridge.player('PUT', '', {}, { device_ids: [speaker.id], play: true });
  } else {
    await bridge.player('PUT', 'play', { device_id: speaker?.id }, music === null ? undefined : bodyOf(music));
  }
  const after = await settled(bridge, context.surroundings.clock, isSounding(household, music, speaker));
  context.output.done({ played: music, session: after.session }, describeSession(after));
  return EXIT_CODES.ok;
}

/** @returns null to go on with what was playing */
async function musicToPlay(
  bridge: RestClient,
  household: HouseholdSnapshot,
  words: string,
  kind: MusicKind | undefined,
): Promise<Music | null> {
  if (words === '') return household.session.track === null ? LIBRARY : null;
  return findMusic(bridge, words, kind);
}

function bodyOf(music: Music): unknown {
  return music.kind === 'track' ? { uris: [music.uri] } : { context_uri: music.uri };
}

function isSounding(before: HouseholdSnapshot, music: Music | null, speaker: SpeakerView | null) {
  return ({ session }: HouseholdSnapshot): boolean =>
    session.playback === 'playing' &&
    (speaker === null || session.activeSpeakerId === speaker.id) &&
    (music === null || music.kind !== 'track' || session.track?.id === music.uri.split(':').at(-1)) &&
    (music === null || session !== before.session);
}
