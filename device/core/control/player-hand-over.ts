/**
 * The speaker's side of a hand-over: prepare and commit for the one that takes over, release for the one that lets go,
 * keep for one that was to let go and is not any more. Spec section 5.4.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { frames, ms, type Percent, percent, type Us } from '#protocol/vocabulary/units';
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

const US_PER_MS = 1_000;

type Of<Kind extends CommandBody['kind']> = Extract<CommandBody, { kind: Kind }>;

/** Buffers without a sound; answered when the engine is ready. */
export function prepare(state: PlayerState, input: CommandInput, body: Of<'prepare'>): Transition {
  const { accountId } = body.session;
  const queue: QueueState = {
    ...(accountId === undefined ? {} : { accountId }),
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
    return chain({ state: silent, effects: [quiet, kept] }, (it) => accept(it, input, { tellsClock: true }));
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
  const startAt =
    input.instantUs === undefined ? undefined : { positionFrames: body.positionFrames, atUs: input.instantUs };
  const loaded: LoadedMode = {
    kind: 'loaded',
    queue,
    problem: null,
    track,
    loadGeneration: state.generation,
    anchor: { positionFrames: mode.positionFrames, atUs: input.nowUs },
    activity: activityAfter(body.isPlaying, track.isReady && startAt === undefined),
    armed: null,
    armedBefore: [],
    failures: 0,
  };
  const quiet = noLouderThan(state, body.volumeMax);
  const next: PlayerState = { ...quiet.state, mode: loaded };
  // What was prepared is kept when it is exactly right; a seek within what is buffered is quick but not free.
  const placed =
    body.positionFrames === mode.positionFrames ? rearm(next) : seek(next, loaded, body.positionFrames, input.nowUs);
  const effects = [...quiet.effects, ...placed.effects];
  if (!body.isPlaying) return chain({ state: placed.state, effects }, (it) => accept(it, input));
  const intent = startAt === undefined ? ({ kind: 'play' } as const) : ({ kind: 'play', startAt } as const);
  return chain({ state: placed.state, effects }, (it) => tell(it, { kind: 'tellEngine', intent }, input));
}

/** What starts at an instant is heard only then, whatever is held of it. */
function activityAfter(isPlaying: boolean, isHeardAtOnce: boolean): LoadedMode['activity'] {
  if (!isPlaying) return 'paused';
  return isHeardAtOnce ? 'playing' : 'buffering';
}

function noLouderThan(state: PlayerState, most: Percent | undefined): Transition {
  if (most === undefined || state.speaker.volume <= most) return { state, effects: [] };
  const volume = percent(most);
  const told: PlayerEffect = { kind: 'tellEngine', intent: { kind: 'setVolume', volume } };
  return { state: { ...state, speaker: { ...state.speaker, volume } }, effects: [told] };
}

/** Lets go; answered when it is known at which frame it fell silent. */
export function release(state: PlayerState, input: CommandInput): Transition {
  const { mode } = state;
  if (mode.kind === 'loaded' && mode.activity === 'playing') {
    const anchor = { positionFrames: positionAt(mode, input.nowUs), atUs: input.nowUs };
    const last: LoadedMode = { ...mode, anchor };
    const next: PlayerState = { ...state, mode: { kind: 'releasing', commandId: input.id, last } };
    const { instantUs } = input;
    const intent =
      instantUs === undefined ? ({ kind: 'pause' } as const) : ({ kind: 'pause', atUs: instantUs } as const);
    const delay = ms(SILENT_WITHIN_MS + untilMs(instantUs, input.nowUs));
    return {
      state: next,
      effects: [
        { kind: 'tellEngine', intent },
        { kind: 'armModeTimer', delay },
      ],
    };
  }
  const session = sessionOf(state);
  const isInEngine = mode.kind !== 'idle' && mode.kind !== 'stopped';
  const effects: PlayerEffect[] = isInEngine ? [{ kind: 'tellEngine', intent: { kind: 'stop' } }] : [];
  return chain({ state: { ...state, mode: { kind: 'idle' } }, effects }, (it) => accept(it, input, { session }));
}

/** The hand-over was called off: goes on as the writer, if it still sounds. */
export function keep(state: PlayerState, input: CommandInput): Transition {
  const { mode } = state;
  if (mode.kind === 'loaded') return accept(state, input);
  if (mode.kind !== 'releasing') {
    const message = 'what was to be let go of has been let go of';
    return refuse(state, input, new TonearmError('session.nothing-to-play', message));
  }
  const taken: PlayerEffect = { kind: 'answer', id: mode.commandId, reply: { kind: 'superseded' } };
  const play: PlayerEffect = { kind: 'tellEngine', intent: { kind: 'play' } };
  const going = rearm({ ...state, mode: mode.last });
  return chain({ state: going.state, effects: [taken, play, ...going.effects] }, (it) => accept(it, input));
}

function untilMs(instantUs: Us | undefined, nowUs: Us): number {
  return instantUs === undefined ? 0 : Math.max(0, (instantUs - nowUs) / US_PER_MS);
}
