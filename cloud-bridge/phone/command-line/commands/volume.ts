/** `tonearm volume`: show or set how loud a speaker is. */
import type { Command } from 'commander';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerView } from '#protocol/wire/household';
import type { Act, CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { printable } from '../screen/printable.ts';
import { chooseSpeaker, speakerToStart } from '../words/choose-speaker.ts';
import { parseVolume, volumeFrom } from '../words/parse-volume.ts';

export function addVolume(program: Command, act: Act): void {
  program
    .command('volume')
    .description('show the volume, or set it')
    .argument('[volume]', '0 to 100, or a step: +5, -5')
    .option('--on <speaker>', 'whose: a name, its beginning, or an id (else the active speaker’s)')
    .action(act(setVolume));
}

async function setVolume(
  context: CommandContext,
  text: string | undefined,
  options: { readonly on?: string },
): Promise<ExitCode> {
  const change = text === undefined ? null : parseVolume(text);
  if (change !== null && !change.ok) {
    throw new CommandFailure(change.error, { nextStep: 'tonearm volume 40, or tonearm volume +5' });
  }
  const bridge = await context.bridge();
  const { speakers } = await bridge.household();
  const speaker = options.on === undefined ? defaultSpeaker(speakers) : chooseSpeaker(speakers, options.on);
  const current = speaker.status?.volume;
  if (current === undefined) {
    throw new CommandFailure(
      new TonearmError('session.speaker-not-found', `${speaker.name} has not said yet how loud it is`),
      { nextStep: 'try again in a second' },
    );
  }
  if (change === null) {
    context.output.data({ speaker: { id: speaker.id, name: speaker.name }, volume: current }, () => [
      `${printable(speaker.name)}: ${current}`,
    ]);
    return EXIT_CODES.ok;
  }
  const volume = volumeFrom(change.value, current);
  await bridge.player('PUT', 'volume', { volume_percent: volume, device_id: speaker.id });
  context.output.done({ speaker: { id: speaker.id, name: speaker.name }, volume }, `${speaker.name}: ${volume}.`);
  return EXIT_CODES.ok;
}

function defaultSpeaker(speakers: readonly SpeakerView[]): SpeakerView {
  const active = speakers.find((it) => it.isActive);
  const speaker = active ?? speakerToStart(speakers);
  if (speaker === null) throw new Error('a household without an active speaker names one to start');
  return speaker;
}
