/** From what somebody typed to one speaker of the household, or words that help. */
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerView } from '#protocol/wire/household';
import { CommandFailure } from '../command-failure.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { matchName, type NameMatch } from './match-name.ts';

/** @throws CommandFailure with exit code 2 when none or several fit, 1 when the one meant is offline */
export function chooseSpeaker(speakers: readonly SpeakerView[], typed: string): SpeakerView {
  const match = preferOnline(matchName(speakers, typed));
  if (match.kind === 'several') {
    const list = match.items.map((it) => `${it.name} (${it.id.slice(0, 8)})`).join(', ');
    throw refusal(`"${typed}" fits several speakers: ${list}`, 'say more of the name, or the id');
  }
  if (match.kind === 'none') {
    const list = speakers.map((it) => it.name).join(', ');
    throw refusal(
      `no speaker is called "${typed}"`,
      match.nearest === null
        ? `the speakers are: ${list === '' ? 'none so far; start one with `tonearm speaker`' : list}`
        : `did you mean ${match.nearest.name}?`,
    );
  }
  if (!match.item.isOnline) {
    throw new CommandFailure(
      new TonearmError('session.speaker-not-found', `${match.item.name} is offline`, { field: 'SPEAKER' }),
      { nextStep: 'is it switched on, and on this network? `tonearm devices` shows when it is back' },
    );
  }
  return match.item;
}

/** A speaker that was set up anew leaves its old self behind, offline and of the same name. */
function preferOnline(match: NameMatch<SpeakerView>): NameMatch<SpeakerView> {
  const online = match.kind === 'several' ? match.items.filter((it) => it.isOnline) : [];
  const [only] = online;
  return online.length === 1 && only !== undefined ? { kind: 'one', item: only } : match;
}

/**
 * Where to play when nobody said: the active speaker, else the only one online.
 * @returns null when a speaker is active already: the bridge knows it
 */
export function speakerToStart(speakers: readonly SpeakerView[]): SpeakerView | null {
  if (speakers.some((it) => it.isActive && it.isOnline)) return null;
  const online = speakers.filter((it) => it.isOnline);
  const [only] = online;
  if (only === undefined) {
    throw new CommandFailure(new TonearmError('session.no-active-speaker', 'no speaker is online'), {
      nextStep: 'start one with `tonearm speaker`; `tonearm devices` shows when it is there',
    });
  }
  if (online.length > 1) {
    throw refusal(
      `several speakers are online and none is active: ${online.map((it) => it.name).join(', ')}`,
      `say which: --on ${JSON.stringify(only.name)}`,
    );
  }
  return only;
}

function refusal(message: string, nextStep: string): CommandFailure {
  return new CommandFailure(new TonearmError('session.speaker-not-found', message, { field: 'SPEAKER' }), {
    nextStep,
    exitCode: EXIT_CODES.usage,
  });
}
