/** The few moves of which every player transition is made: load, seek, arm, stop. Pure; the engine is told by effects. */
import { ERROR_MESSAGE_LENGTH_MAX, type ErrorBody } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { type Frames, frames, ms, type Us } from '#protocol/vocabulary/units';
import type { ArmedTrack, LoadedMode, PlayerEffect, PlayerState, Problem, Transition } from './player-state.ts';
import { applyStep, planAdvance, type QueueState, type QueueStep, rewind, trackOfStep } from './queue.ts';

/**
 * Tracks in a row that may fail before the player gives up. Enough to get past a damaged album side, few enough that a
 * broken bridge does not make a speaker race through a thousand tracks.
 */
export const FAILED_TRACKS_IN_A_ROW_MAX = 5;
/** How long what was prepared for a hand-over is kept for its commit; a bridge that is alive commits within a second. */
export const PREPARED_KEPT_MS = ms(30_000);
/** How long a speaker that lets go waits to hear where it fell silent: what may wait in a device, and half again. */
export const SILENT_WITHIN_MS = ms(1_000);
/** Armed tracks remembered after they were replaced: the engine is a few milliseconds behind, people are slower. */
const ARMED_BEFORE_MAX = 8;

const START = frames(0);

export interface LoadRequest {
  readonly queue: QueueState;
  readonly trackId: TrackId;
  readonly positionFrames: Frames;
  readonly isPlaying: boolean;
  readonly problem: Problem;
  readonly failures: number;
  readonly nowUs: Us;
}

/** Replaces whatever the engine has. */
export function load(state: PlayerState, request: LoadRequest): Transition {
  const generation = state.generation + 1;
  const { queue, trackId, positionFrames, isPlaying, problem, failures, nowUs } = request;
  const mode: LoadedMode = {
    kind: 'loaded',
    queue,
    problem,
    track: { trackId, durationFrames: START, isReady: false },
    loadGeneration: generation,
    anchor: { positionFrames, atUs: nowUs },
    activity: isPlaying ? 'buffering' : 'paused',
    armed: null,
    armedBefore: [],
    failures,
  };
  const told: PlayerEffect = {
    kind: 'tellEngine',
    intent: { kind: 'load', generation, trackId, startFrames: positionFrames, isPlaying },
  };
  return chain({ state: { ...state, generation, mode }, effects: [told] }, rearm);
}

/** Within the current track. What was armed is armed anew: the engine may have dropped it with what it had buffered. */
export function seek(state: PlayerState, mode: LoadedMode, positionFrames: Frames, nowUs: Us): Transition {
  const generation = state.generation + 1;
  const next: LoadedMode = {
    ...mode,
    track: { ...mode.track, isReady: false },
    anchor: { positionFrames, atUs: nowUs },
    activity: mode.activity === 'paused' ? 'paused' : 'buffering',
    armed: null,
    armedBefore: [],
  };
  const told: PlayerEffect = { kind: 'tellEngine', intent: { kind: 'seek', generation, positionFrames } };
  return chain({ state: { ...state, generation, mode: next }, effects: [told] }, rearm);
}

/** The current track again, where it is meant to be: what the engine has is something else, or nothing. */
export function reload(state: PlayerState, mode: LoadedMode, nowUs: Us): Transition {
  const { queue, problem, failures } = mode;
  const { positionFrames } = mode.anchor;
  const isPlaying = mode.activity !== 'paused';
  return load(state, { queue, trackId: mode.track.trackId, positionFrames, isPlaying, problem, failures, nowUs });
}

/** Takes a step of the queue and plays what it leads to, from its beginning; to the end of the queue where it leads nowhere. */
export function takeStep(
  state: PlayerState,
  mode: LoadedMode,
  step: QueueStep | null,
  how: { readonly isPlaying: boolean; readonly problem: Problem; readonly failures: number; readonly nowUs: Us },
): Transition {
  const trackId = step === null ? null : trackOfStep(mode.queue, step);
  if (step === null || trackId === null) {
    // Heard to its end, a queue starts again from its beginning; given up, it waits where it failed.
    const isGivenUp = how.failures >= FAILED_TRACKS_IN_A_ROW_MAX;
    return fallSilent(state, isGivenUp ? mode.queue : rewind(mode.queue), how.problem);
  }
  return load(state, { ...how, queue: applyStep(mode.queue, step), trackId, positionFrames: START });
}

/** Nothing plays any more, the session stays: `resume` starts its current track. */
function fallSilent(state: PlayerState, queue: QueueState, problem: Problem): Transition {
  return {
    state: { ...state, mode: { kind: 'stopped', queue, problem } },
    effects: [{ kind: 'tellEngine', intent: { kind: 'stop' } }],
  };
}

/** The current track cannot be played: the next one, unless too many in a row have failed. */
export function skipFailed(
  state: PlayerState,
  mode: LoadedMode,
  failed: { readonly trackId: TrackId; readonly error: ErrorBody },
  nowUs: Us,
): Transition {
  const failures = mode.failures + 1;
  const problem: Problem = { trackId: failed.trackId, error: sayGivenUp(failed.error, failures) };
  const isPlaying = mode.activity !== 'paused';
  const step = failures >= FAILED_TRACKS_IN_A_ROW_MAX ? null : planAdvance(mode.queue, 'asked');
  // Round a context of which no track plays would be round for ever; the count of failures ends that too.
  return takeStep(state, mode, step, { isPlaying, problem, failures, nowUs });
}

/** Why it stands still is more than that one track failed. */
function sayGivenUp(error: ErrorBody, failures: number): ErrorBody {
  if (failures < FAILED_TRACKS_IN_A_ROW_MAX) return error;
  const message = `given up after ${failures} tracks in a row that could not be played; the last one: ${error.message}`;
  return { ...error, message: message.slice(0, ERROR_MESSAGE_LENGTH_MAX) };
}

/** Tells the engine what comes next if that is not what it was told last. Applied after every change of a loaded mode. */
export function rearm(state: PlayerState): Transition {
  const { mode } = state;
  if (mode.kind !== 'loaded') return { state, effects: [] };
  return arm(state, mode, nextToArm(mode.queue));
}

/** The armed track cannot be played: arms the one after it, so that the join stays without a gap. */
export function armBeyond(state: PlayerState, mode: LoadedMode, unplayable: ArmedTrack): Transition {
  return arm(state, mode, nextToArm(applyStep(mode.queue, unplayable.step)));
}

function nextToArm(queue: QueueState): ArmedTrack | null {
  const step = planAdvance(queue, 'ended');
  const trackId = step === null ? null : trackOfStep(queue, step);
  return step === null || trackId === null ? null : { trackId, step };
}

function arm(state: PlayerState, mode: LoadedMode, next: ArmedTrack | null): Transition {
  const before = mode.armed;
  const isSameTrack = (before?.trackId ?? null) === (next?.trackId ?? null);
  const armedBefore =
    before === null || isSameTrack ? mode.armedBefore : [before, ...mode.armedBefore].slice(0, ARMED_BEFORE_MAX);
  const armed: LoadedMode = { ...mode, armed: next, armedBefore };
  if (isSameTrack) return { state: { ...state, mode: armed }, effects: [] };
  const told: PlayerEffect = {
    kind: 'tellEngine',
    intent: { kind: 'setNext', generation: state.generation, trackId: next?.trackId ?? null },
  };
  return { state: { ...state, mode: armed }, effects: [told] };
}

/** One transition after another, effects in order. (Not called `then`: a module that exports that is taken for a promise.) */
export function chain(first: Transition, second: (state: PlayerState) => Transition): Transition {
  const next = second(first.state);
  return { state: next.state, effects: [...first.effects, ...next.effects] };
}
