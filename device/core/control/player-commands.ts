/**
 * What each command does to the player. Every command is answered exactly once: here, or, for `prepare`, when the
 * engine has buffered enough (or cannot, or somebody asks for something else first). Spec section 5.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Result, unreachable } from '#protocol/vocabulary/result';
import { frames, type Ms, ms, msToFrames } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import { accept, refuse, refuseSilent, tell } from './player-answers.ts';
import { commit, keep, prepare, release } from './player-hand-over.ts';
import { chain, load, rearm, seek, takeStep } from './player-moves.ts';
import { type CommandInput, type LoadedMode, type PlayerState, positionAt, type Transition } from './player-state.ts';
import {
  type Addition,
  addTracks,
  currentTrack,
  planAdvance,
  planReturn,
  type QueueState,
  switchShuffle,
} from './queue.ts';
import { clearEntries, moveEntry, removeEntries } from './queue-edits.ts';

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
      return addToQueue(state, input, { trackIds: [body.trackId], isNext: false, fraction: input.fraction });
    case 'queueAdd':
      return addToQueue(state, input, { ...body, fraction: input.fraction });
    case 'queueRemove':
      return tryQueue(state, input, (queue) => removeEntries(queue, body.uids));
    case 'queueMove':
      return tryQueue(state, input, (queue) => moveEntry(queue, body.uid, body.after));
    case 'queueClear':
      return changeQueue(state, input, clearEntries);
    case 'prepare':
      return prepare(state, input, body);
    case 'commit':
      return commit(state, input, body);
    case 'release':
      return release(state, input);
    case 'keep':
      return keep(state, input);
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
  // What somebody else had chosen for their session is not this one's.
  const held = queueOf(state);
  const before = held?.accountId === body.accountId ? held : null;
  const context: QueueState = {
    ...(body.accountId === undefined ? {} : { accountId: body.accountId }),
    queue: {
      contextUri: body.contextUri,
      trackIds: body.trackIds,
      ...(body.list === undefined ? {} : { list: body.list }),
      index: body.index,
      upNext: [],
      interlude: null,
    },
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

function addToQueue(state: PlayerState, input: CommandInput, addition: Addition): Transition {
  return tryQueue(state, input, (queue) => addTracks(queue, addition));
}

function tryQueue(
  state: PlayerState,
  input: CommandInput,
  change: (queue: QueueState) => Result<QueueState, TonearmError>,
): Transition {
  const before = queueOf(state);
  if (before === null) return refuseSilent(state, input);
  const queue = change(before);
  return queue.ok ? changeQueue(state, input, () => queue.value) : refuse(state, input, queue.error);
}

function changeQueue(state: PlayerState, input: CommandInput, change: (queue: QueueState) => QueueState): Transition {
  const { mode } = state;
  if (mode.kind !== 'loaded' && mode.kind !== 'stopped') return refuseSilent(state, input);
  return chain(rearm({ ...state, mode: { ...mode, queue: change(mode.queue) } }), (it) => accept(it, input));
}

function queueOf(state: PlayerState): QueueState | null {
  const { mode } = state;
  return mode.kind === 'loaded' || mode.kind === 'stopped' ? mode.queue : null;
}

function framesOf(positionMs: Ms) {
  return msToFrames(ms(Math.min(positionMs, POSITION_MS_MAX)));
}
