/**
 * The player: what a speaker plays, as a pure state machine over commands, what the engine reports, and time.
 *
 * `transition` returns the next state and effects as data; `device.ts` performs them. So a virtual speaker is this very
 * machine, and a whole evening of listening is a table of inputs.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { unreachable } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import type { SpeakerStatus } from '#protocol/wire/playback-state';
import { applyCommand } from './player-commands.ts';
import { applyEngineEvent } from './player-events.ts';
import { PREPARED_KEPT_MS } from './player-moves.ts';
import { restore } from './player-restore.ts';
import {
  type PlayerEffect,
  type PlayerInput,
  type PlayerState,
  type PreparedMode,
  type ReleasingMode,
  type Reply,
  releaseAnswer,
  type Transition,
} from './player-state.ts';

export function transition(state: PlayerState, input: PlayerInput): Transition {
  const next = withoutStaleBuffer(decide(state, input));
  if (state.mode.kind === 'prepared') return settlePrepare(state.mode, input, next);
  return state.mode.kind === 'releasing' ? settleRelease(state.mode, next) : next;
}

/** An engine without a track says nothing more, so what it said last about its buffer would stand for ever. */
function withoutStaleBuffer(next: Transition): Transition {
  const { mode, speaker } = next.state;
  if ((mode.kind !== 'idle' && mode.kind !== 'stopped') || speaker.bufferedMs === 0) return next;
  return { ...next, state: { ...next.state, speaker: withNothingLoaded(speaker) } };
}

function decide(state: PlayerState, input: PlayerInput): Transition {
  switch (input.kind) {
    case 'command':
      return applyCommand(state, input);
    case 'engineReported':
      return applyEngineEvent(state, input.event, input.nowUs);
    case 'modeTimerFired':
      return state.mode.kind === 'prepared' || state.mode.kind === 'releasing' ? forget(state) : { state, effects: [] };
    case 'fenced':
      return forget(state);
    case 'restored':
      return restore(state, input);
    default:
      return unreachable(input);
  }
}

/** Silent, and no session any more. */
function forget(state: PlayerState): Transition {
  const isInEngine = state.mode.kind !== 'idle' && state.mode.kind !== 'stopped';
  const effects: PlayerEffect[] = isInEngine ? [{ kind: 'tellEngine', intent: { kind: 'stop' } }] : [];
  return { state: { ...state, mode: { kind: 'idle' } }, effects };
}

/** Whatever ends or answers a preparation: its command gets its one answer, and its timer is set anew or ended. */
function settlePrepare(before: PreparedMode, input: PlayerInput, next: Transition): Transition {
  const after = next.state.mode;
  if (after.kind === 'prepared' && after.commandId === before.commandId) {
    if (before.isAnswered || !after.isAnswered) return next;
    return { state: next.state, effects: [...next.effects, { kind: 'armModeTimer', delay: PREPARED_KEPT_MS }] };
  }
  const effects: PlayerEffect[] = after.kind === 'prepared' ? [] : [{ kind: 'cancelModeTimer' }];
  const isFailed = next.effects.some((effect) => effect.kind === 'answer' && effect.id === before.commandId);
  if (!before.isAnswered && !isFailed) {
    effects.push({ kind: 'answer', id: before.commandId, reply: abandonedReply(input) });
  }
  return { state: next.state, effects: [...effects, ...next.effects] };
}

/** Whatever ends the wait for silence: the release gets its one answer, with the place that is known best. */
function settleRelease(before: ReleasingMode, next: Transition): Transition {
  if (next.state.mode.kind === 'releasing') return next;
  const isAnswered = next.effects.some((effect) => effect.kind === 'answer' && effect.id === before.commandId);
  const effects: PlayerEffect[] = next.state.mode.kind === 'prepared' ? [] : [{ kind: 'cancelModeTimer' }];
  if (!isAnswered) effects.push(releaseAnswer(before));
  return { state: next.state, effects: [...effects, ...next.effects] };
}

function abandonedReply(input: PlayerInput): Reply {
  if (input.kind === 'modeTimerFired') {
    const error = new TonearmError('session.deadline-passed', 'could not buffer the track in time');
    return { kind: 'refused', error: error.toBody() };
  }
  return { kind: 'superseded' };
}

function withNothingLoaded(speaker: SpeakerStatus): SpeakerStatus {
  return { ...speaker, bufferedMs: ms(0), ...(speaker.qualityKbps === undefined ? {} : { qualityKbps: null }) };
}
