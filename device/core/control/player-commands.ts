/**
 * What each command does to the player. Every command is answered exactly once: here, or, for `prepare`, when the
 * engine has buffered enough (or cannot, or somebody asks for something else first). Spec section 5.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { unreachable } from '#protocol/vocabulary/result';
import { frames, type Ms, ms, msToFrames } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import type { SessionState } from '#protocol/wire/playback-state';
import { chain, load, PREPARED_KEPT_MS, rearm, seek, takeStep } from './player-moves.ts';
import {
  type CommandInput,
  type LoadedMode,
  type PlayerEffect,
  type PlayerState,
  type PreparedMode,
  positionAt,
  type Reply,
  sessionOf,
  type Transition,
} from './player-state.ts';
import { currentTrack, enqueue, planAdvance, planReturn, type QueueState, switchShuffle } from './queue.ts';

/** `previous` later than this into a track starts the track anew, as every player since the first CD player has. */
export const RESTART_AFTER_MS = ms(3_000);
/** Longest time ahead that is reckoned with; a larger number from a phone would only overflow a counter. */
const POSITION_MS_MAX = 1_000 * 60 * 60 * 24 * 365;

type Of<Kind extends CommandBody['kind']> = Extract<CommandBody, { kind: Kind }>;

export function applyCommand(state: PlayerState, input: CommandInput): Transition {
  const { body } = input;
  switch (body.kind) {
    case 'play':
      return play(state, input, body);
    case 'resume':
      return resume(state, input);
    case 'pause':
      return pause(state, input);
    case 'next':
    case 'previous':
      return move(state, input, body.kind);
    case 'seek':
      return seekTo(state, input, body.positionMs);
    case 'setVolume':
      return setVolume(state, input, body);
    case 'setShuffle':
      return changeQueue(state, input, (queue) => switchShuffle(queue, body.isOn, input.fraction));
    case 'setRepeat':
      return changeQueue(state, input, (queue) => ({ ...queue, repeat: body.mode }));
    case 'enqueue':
      return addToQueue(state, input, body);
    case 'prepare':
      return prepare(state, input, body);
    case 'commit':
      return commit(state, input, body);
    case 'release':
      return release(state, input);
    default:
      return unreachable(body);
  }
}

function play(state: PlayerState, input: CommandInput, body: Of<'play'>): Transition {
  const trackId = body.trackIds[body.index];
  if (trackId === undefined) {
    const message = `index ${body.index} is not one of the ${body.trackIds.length} tracks`;
    return refuse(state, input, new TonearmError('input.invalid', message, { field: 'index' }));
  }
  const before = queueOf(state);
  const context: QueueState = {
    queue: { contextUri: body.contextUri, trackIds: body.trackIds, index: body.index, upNext: [], interlude: null },
    shuffleSeed: null,
    repeat: before?.repeat ?? 'off',
  };
  const isShuffled = before !== null && before.shuffleSeed !== null;
  const queue = switchShuffle(context, isShuffled, input.fraction);
  const positionFrames = framesOf(body.positionMs);
  const request = { queue, trackId, positionFrames, isPlaying: true, problem: null, failures: 0, nowUs: input.nowUs };
  return chain(load(state, request), (it) => accept(it, input));
}

function resume(state: PlayerState, input: CommandInput): Transition {
  const { mode } = state;
  if (mode.kind === 'loaded') {
    if (mode.activity !== 'paused') return accept(state, input);
    const activity = mode.track.isReady ? 'playing' : 'buffering';
    const next: LoadedMode = { ...mode, activity, anchor: { ...mode.anchor, atUs: input.nowUs } };
    return tell({ ...state, mode: next }, { kind: 'tellEngine', intent: { kind: 'play' } }, input);
  }
  const trackId = mode.kind === 'stopped' ? currentTrack(mode.queue) : null;
  if (mode.kind !== 'stopped' || trackId === null) {
    return refuse(
      state,
      input,
      new TonearmError('session.nothing-to-play', 'there is nothing to go on with; play something'),
    );
  }
  const request = {
    trackId,
    positionFrames: frames(0),
    isPlaying: true,
    problem: null,
    failures: 0,
    nowUs: input.nowUs,
  };
  return chain(load(state, { ...request, queue: mode.queue }), (it) => accept(it, input));
}

function pause(state: PlayerState, input: CommandInput): Transition {
  const { mode } = state;
  if (mode.kind !== 'loaded') return refuseSilent(state, input);
  if (mode.activity === 'paused') return accept(state, input);
  const anchor = { positionFrames: positionAt(mode, input.nowUs), atUs: input.nowUs };
  const next: LoadedMode = { ...mode, activity: 'paused', anchor };
  return tell({ ...state, mode: next }, { kind: 'tellEngine', intent: { kind: 'pause' } }, input);
}

function move(state: PlayerState, input: CommandInput, direction: 'next' | 'previous'): Transition {
  const { mode } = state;
  if (mode.kind !== 'loaded') return refuseSilent(state, input);
  if (direction === 'previous' && positionAt(mode, input.nowUs) > msToFrames(RESTART_AFTER_MS)) {
    return chain(seek(state, mode, frames(0), input.nowUs), (it) => accept(it, input));
  }
  const step = direction === 'next' ? planAdvance(mode.queue, 'asked') : planReturn(mode.queue);
  if (step === null) {
    const code = direction === 'next' ? 'session.no-next-track' : 'session.no-previous-track';
    const which = direction === 'next' ? 'last' : 'first';
    return refuse(state, input, new TonearmError(code, `this is the ${which} track of the queue`));
  }
  // Somebody who asks for another track wants to hear it, also from pause.
  const how = { isPlaying: true, problem: null, failures: 0, nowUs: input.nowUs };
  return chain(takeStep(state, mode, step, how), (it) => accept(it, input));
}

function seekTo(state: PlayerState, input: CommandInput, positionMs: Ms): Transition {
  const { mode } = state;
  if (mode.kind !== 'loaded') return refuseSilent(state, input);
  const target = framesOf(positionMs);
  const { durationFrames } = mode.track;
  const isPastEnd = durationFrames > 0 && target >= durationFrames;
  if (!isPastEnd) return chain(seek(state, mode, target, input.nowUs), (it) => accept(it, input));
  const how = { isPlaying: mode.activity !== 'paused', problem: null, failures: 0, nowUs: input.nowUs };
  return chain(takeStep(state, mode, planAdvance(mode.queue, 'ended'), how), (it) => accept(it, input));
}

function setVolume(state: PlayerState, input: CommandInput, body: Of<'setVolume'>): Transition {
  const { volume } = body;
  const next: PlayerState = { ...state, speaker: { ...state.speaker, volume } };
  return tell(next, { kind: 'tellEngine', intent: { kind: 'setVolume', volume } }, input);
}

function addToQueue(state: PlayerState, input: CommandInput, body: Of<'enqueue'>): Transition {
  const before = queueOf(state);
  if (before === null) return refuseSilent(state, input);
  const queue = enqueue(before, body.trackId);
  return queue.ok ? changeQueue(state, input, () => queue.value) : refuse(state, input, queue.error);
}

function changeQueue(state: PlayerState, input: CommandInput, change: (queue: QueueState) => QueueState): Transition {
  const { mode } = state;
  if (mode.kind !== 'loaded' && mode.kind !== 'stopped') return refuseSilent(state, input);
  return chain(rearm({ ...state, mode: { ...mode, queue: change(mode.queue) } }), (it) => accept(it, input));
}

function prepare(state: PlayerState, input: CommandInput, body: Of<'prepare'>): Transition {
  const queue: QueueState = {
    queue: body.session.queue,
    shuffleSeed: body.session.shuffleSeed,
    repeat: body.session.repeat,
  };
  const { index, trackIds } = queue.queue;
  if (index >= trackIds.length && trackIds.length > 0) {
    const message = `index ${index} is not one of the ${trackIds.length} tracks`;
    return refuse(state, input, new TonearmError('input.invalid', message, { field: 'session.queue.index' }));
  }
  const trackId = currentTrack(queue);
  const { positionFrames } = body;
  const prepared: PreparedMode = {
    kind: 'prepared',
    commandId: input.id,
    isAnswered: false,
    queue,
    track: trackId === null ? null : { trackId, durationFrames: frames(0), isReady: false },
    positionFrames,
  };
  // Too late an answer is no answer: past the deadline the bridge has given up.
  const timer: PlayerEffect = { kind: 'armPrepareTimer', delay: input.deadline };
  if (trackId === null) {
    const silent = { ...state, mode: { ...prepared, isAnswered: true } };
    const quiet: PlayerEffect = { kind: 'tellEngine', intent: { kind: 'stop' } };
    const kept: PlayerEffect = { kind: 'armPrepareTimer', delay: PREPARED_KEPT_MS };
    return chain({ state: silent, effects: [quiet, kept] }, (it) => accept(it, input));
  }
  const generation = state.generation + 1;
  const intent = { kind: 'load', generation, trackId, startFrames: positionFrames, isPlaying: false } as const;
  return { state: { ...state, generation, mode: prepared }, effects: [{ kind: 'tellEngine', intent }, timer] };
}

function commit(state: PlayerState, input: CommandInput, body: Of<'commit'>): Transition {
  const { mode } = state;
  if (mode.kind !== 'prepared') {
    const message = 'no hand-over was prepared here, or it has been given up';
    return refuse(state, input, new TonearmError('session.nothing-to-play', message));
  }
  const { queue, track } = mode;
  if (track === null) {
    return accept({ ...state, mode: { kind: 'stopped', queue, problem: null } }, input);
  }
  const loaded: LoadedMode = {
    kind: 'loaded',
    queue,
    problem: null,
    track,
    loadGeneration: state.generation,
    anchor: { positionFrames: mode.positionFrames, atUs: input.nowUs },
    activity: body.isPlaying ? (track.isReady ? 'playing' : 'buffering') : 'paused',
    armed: null,
    armedBefore: [],
    failures: 0,
  };
  const next: PlayerState = { ...state, mode: loaded };
  // What was prepared is kept when it is exactly right; a seek within what is buffered is quick but not free.
  const placed =
    body.positionFrames === mode.positionFrames ? rearm(next) : seek(next, loaded, body.positionFrames, input.nowUs);
  if (!body.isPlaying) return chain(placed, (it) => accept(it, input));
  return chain(placed, (it) => tell(it, { kind: 'tellEngine', intent: { kind: 'play' } }, input));
}

function release(state: PlayerState, input: CommandInput): Transition {
  const { mode } = state;
  const session = finalSession(state, input);
  const isInEngine = mode.kind === 'loaded' || mode.kind === 'prepared';
  const effects: PlayerEffect[] = isInEngine ? [{ kind: 'tellEngine', intent: { kind: 'stop' } }] : [];
  return chain({ state: { ...state, mode: { kind: 'idle' } }, effects }, (it) => accept(it, input, { session }));
}

/** The session where it stops; whether it played is kept, because its heir goes on as it was. */
function finalSession(state: PlayerState, input: CommandInput): SessionState | null {
  const { mode } = state;
  if (mode.kind !== 'loaded') return sessionOf(state);
  const anchor = { positionFrames: positionAt(mode, input.nowUs), atUs: input.nowUs };
  return sessionOf({ ...state, mode: { ...mode, anchor } });
}

function queueOf(state: PlayerState): QueueState | null {
  const { mode } = state;
  return mode.kind === 'loaded' || mode.kind === 'stopped' ? mode.queue : null;
}

function framesOf(positionMs: Ms) {
  return msToFrames(ms(Math.min(positionMs, POSITION_MS_MAX)));
}

function accept(state: PlayerState, input: CommandInput, details: { session?: SessionState | null } = {}): Transition {
  return reply(state, input, { kind: 'accepted', ...details });
}

function refuse(state: PlayerState, input: CommandInput, error: TonearmError): Transition {
  return reply(state, input, { kind: 'refused', error: error.toBody() });
}

function refuseSilent(state: PlayerState, input: CommandInput): Transition {
  return refuse(state, input, new TonearmError('session.not-playing', 'nothing is playing on this speaker'));
}

function reply(state: PlayerState, input: CommandInput, outcome: Reply): Transition {
  return { state, effects: [{ kind: 'answer', id: input.id, reply: outcome }] };
}

function tell(state: PlayerState, effect: PlayerEffect, input: CommandInput): Transition {
  return chain({ state, effects: [effect] }, (it) => accept(it, input));
}
