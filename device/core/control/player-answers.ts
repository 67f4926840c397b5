/** The ends of a command's transition: accepted, or refused for a reason. */
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SessionState } from '#protocol/wire/playback-state';
import { chain } from './player-moves.ts';
import type { CommandInput, PlayerEffect, PlayerState, Reply, Transition } from './player-state.ts';

/** @param details `session` only in answer to `release`, `tellsClock` only to `prepare` */
export function accept(
  state: PlayerState,
  input: CommandInput,
  details: { session?: SessionState | null; tellsClock?: boolean } = {},
): Transition {
  return reply(state, input, { kind: 'accepted', ...details });
}

export function refuse(state: PlayerState, input: CommandInput, error: TonearmError): Transition {
  return reply(state, input, { kind: 'refused', error: error.toBody() });
}

/** For what needs a track that plays or is paused, or at least a session. */
export function refuseSilent(state: PlayerState, input: CommandInput): Transition {
  return refuse(state, input, new TonearmError('session.not-playing', 'nothing is playing on this speaker'));
}

function reply(state: PlayerState, input: CommandInput, outcome: Reply): Transition {
  return { state, effects: [{ kind: 'answer', id: input.id, reply: outcome }] };
}

/** One more effect, then accepted. */
export function tell(state: PlayerState, effect: PlayerEffect, input: CommandInput): Transition {
  return chain({ state, effects: [effect] }, (it) => accept(it, input));
}
