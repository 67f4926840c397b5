/**
 * The speaker's side of a hand-over: prepare and commit for the one that takes over, release for the one that lets go.
 * Spec section 5.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { frames } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import { accept, refuse, tell } from './player-answers.ts';
import { chain, PREPARED_KEPT_MS, rearm, SILENT_WITHIN_MS, seek } from './player-moves.ts';
import {
  type CommandInput,
  type LoadedMode,
  type PlayerEffect,
  type PlayerState,
  type PreparedMode,
  positionAt,
  sessionOf,
  type Transition,
} from './player-state.ts';
import { currentTrack, type QueueState } from './queue.ts';

type Of<Kind extends CommandBody['kind']> = Extract<CommandBody, { kind: Kind }>;

/** Buffers without a sound; answered when the engine is ready. */
export function prepare(state: PlayerState, input: CommandInput, body: Of<'prepare'>): Transition {
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
  const timer: PlayerEffect = { kind: 'armModeTimer', delay: input.deadline };
  if (trackId === null) {
    const silent = { ...state, mode: { ...prepared, isAnswered: true } };
    const quiet: PlayerEffect = { kind: 'tellEngine', intent: { kind: 'stop' } };
    const kept: PlayerEffect = { kind: 'armModeTimer', delay: PREPARED_KEPT_MS };
    return chain({ state: silent, effects: [quiet, kept] }, (it) => accept(it, input));
  }
  const generation = state.generation + 1;
  const intent = { kind: 'load', generation, trackId, startFrames: positionFrames, isPlaying: false } as const;
  return { state: { ...state, generation, mode: prepared }, effects: [{ kind: 'tellEngine', intent }, timer] };
}

/** Becomes the writer, and goes on from the very frame. */
export function commit(state: PlayerState, input: CommandInput, body: Of<'commit'>): Transition {
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

/** Lets go; answered when it is known at which frame it fell silent. */
export function release(state: PlayerState, input: CommandInput): Transition {
  const { mode } = state;
  if (mode.kind === 'loaded' && mode.activity === 'playing') {
    const anchor = { positionFrames: positionAt(mode, input.nowUs), atUs: input.nowUs };
    const last: LoadedMode = { ...mode, anchor };
    const next: PlayerState = { ...state, mode: { kind: 'releasing', commandId: input.id, last } };
    const pause: PlayerEffect = { kind: 'tellEngine', intent: { kind: 'pause' } };
    return { state: next, effects: [pause, { kind: 'armModeTimer', delay: SILENT_WITHIN_MS }] };
  }
  const session = sessionOf(state);
  const isInEngine = mode.kind !== 'idle' && mode.kind !== 'stopped';
  const effects: PlayerEffect[] = isInEngine ? [{ kind: 'tellEngine', intent: { kind: 'stop' } }] : [];
  return chain({ state: { ...state, mode: { kind: 'idle' } }, effects }, (it) => accept(it, input, { session }));
}
