/**
 * What each event of the engine does to the player. The engine is a few milliseconds behind in what it was told and
 * ahead in what it hears, so every event proves that it belongs: by its generation, then by its track.
 */
import type { EngineEvent } from '#device/core/ports/audio-engine';
import { unreachable } from '#protocol/vocabulary/result';
import { frames, type Us } from '#protocol/vocabulary/units';
import { armBeyond, FAILED_TRACKS_IN_A_ROW_MAX, rearm, reload, skipFailed, takeStep } from './player-moves.ts';
import {
  type ArmedTrack,
  type LoadedMode,
  type PlayerEffect,
  type PlayerState,
  type PreparedMode,
  positionAt,
  type ReleasingMode,
  releaseAnswer,
  type Transition,
} from './player-state.ts';
import { applyStep, planAdvance } from './queue.ts';

type Of<Kind extends EngineEvent['kind']> = Extract<EngineEvent, { kind: Kind }>;
type TrackEvent = Exclude<EngineEvent, { kind: 'health' }>;

export function applyEngineEvent(state: PlayerState, event: EngineEvent, nowUs: Us): Transition {
  if (event.kind === 'health') return applyHealth(state, event);
  const { mode } = state;
  if (event.generation !== state.generation) {
    const isBeforeSeek = mode.kind === 'loaded' && event.generation >= mode.loadGeneration;
    return isBeforeSeek ? applyBeforeSeek(state, mode, event, nowUs) : unchanged(state);
  }
  if (mode.kind === 'loaded') return applyToLoaded(state, mode, event, nowUs);
  if (mode.kind === 'prepared') return applyToPrepared(state, mode, event);
  if (mode.kind === 'releasing') return applyToReleasing(state, mode, event, nowUs);
  return unchanged(state);
}

/** Sent before the engine heard of a seek. Of an old generation, but when the track is gone, so is the seek. */
function applyBeforeSeek(state: PlayerState, mode: LoadedMode, event: TrackEvent, nowUs: Us): Transition {
  if (event.kind === 'ended') return reload(state, mode, nowUs);
  const isFailed = event.kind === 'failed' && event.trackId === mode.track.trackId;
  return isFailed ? skipFailed(state, mode, event, nowUs) : unchanged(state);
}

function applyHealth(state: PlayerState, event: Of<'health'>): Transition {
  const { bufferedMs, underruns, output, outputProblem, delivery } = event;
  const quality = delivery === undefined ? {} : { qualityKbps: delivery.qualityKbps };
  return unchanged({
    ...state,
    speaker: { ...state.speaker, bufferedMs, underruns, output, outputProblem, ...quality },
  });
}

function applyToLoaded(state: PlayerState, mode: LoadedMode, event: TrackEvent, nowUs: Us): Transition {
  switch (event.kind) {
    case 'ready':
      return applyReady(state, mode, event, nowUs);
    case 'position':
      return unchanged({ ...state, mode: withPosition(mode, event) });
    case 'advanced':
      return applyAdvance(state, mode, event, nowUs);
    case 'ended':
      return takeStep(state, mode, planAdvance(mode.queue, 'ended'), {
        isPlaying: mode.activity !== 'paused',
        problem: mode.problem,
        failures: mode.failures,
        nowUs,
      });
    case 'starved': {
      if (mode.activity !== 'playing') return unchanged(state);
      const anchor = { positionFrames: positionAt(mode, nowUs), atUs: nowUs };
      return unchanged({ ...state, mode: { ...mode, activity: 'buffering', anchor } });
    }
    case 'failed':
      return event.trackId === mode.track.trackId ? skipFailed(state, mode, event, nowUs) : unchanged(state);
    case 'nextFailed':
      return applyNextFailed(state, mode, event);
    default:
      return unreachable(event);
  }
}

function applyReady(state: PlayerState, mode: LoadedMode, event: Of<'ready'>, nowUs: Us): Transition {
  if (event.trackId === mode.track.trackId) {
    const track = { ...mode.track, durationFrames: event.durationFrames, isReady: true };
    // Sought before its length was known: past its end is its end.
    const positionFrames = frames(Math.min(mode.anchor.positionFrames, event.durationFrames));
    return unchanged({ ...state, mode: { ...mode, track, anchor: { ...mode.anchor, positionFrames } } });
  }
  // A seek crossed with the engine's going on to the armed track, and was made in the wrong one.
  return reload(state, mode, nowUs);
}

function withPosition(mode: LoadedMode, event: Of<'position'>): LoadedMode {
  if (event.trackId !== mode.track.trackId) return mode;
  const anchor = { positionFrames: event.positionFrames, atUs: event.atUs };
  switch (mode.activity) {
    case 'paused':
      // Reported before the engine heard of the pause; where it came to rest follows.
      return event.isSounding ? mode : { ...mode, anchor };
    case 'playing':
      return { ...mode, anchor };
    case 'buffering':
      // It can be played: earlier failures are over.
      return event.isSounding
        ? { ...mode, anchor, activity: 'playing', problem: null, failures: 0 }
        : { ...mode, anchor };
  }
}

function applyAdvance(state: PlayerState, mode: LoadedMode, event: Of<'advanced'>, nowUs: Us): Transition {
  return rearm({ ...state, mode: advance(mode, event, nowUs) });
}

function advance(mode: LoadedMode, event: Of<'advanced'>, nowUs: Us): LoadedMode {
  const candidates = mode.armed === null ? mode.armedBefore : [mode.armed, ...mode.armedBefore];
  const taken: ArmedTrack | undefined = candidates.find((it) => it.trackId === event.trackId);
  return {
    ...mode,
    queue: taken === undefined ? mode.queue : applyStep(mode.queue, taken.step),
    track: { trackId: event.trackId, durationFrames: event.durationFrames, isReady: true },
    anchor: { positionFrames: frames(0), atUs: nowUs },
    activity: mode.activity === 'paused' ? 'paused' : 'playing',
    problem: null,
    failures: 0,
    // What was armed is used up; whatever comes next is armed anew, also when it is the same track again.
    armed: null,
    armedBefore: [],
  };
}

function applyNextFailed(state: PlayerState, mode: LoadedMode, event: Of<'nextFailed'>): Transition {
  const problem = { trackId: event.trackId, error: event.error };
  if (mode.armed === null || mode.armed.trackId !== event.trackId) return unchanged(state);
  const { armed } = mode;
  const failures = mode.failures + 1;
  // The engine has nothing armed now. When too many fail the search ends here, and begins again when this track is over.
  if (failures >= FAILED_TRACKS_IN_A_ROW_MAX) return unchanged({ ...state, mode: { ...mode, problem, armed: null } });
  const next: LoadedMode = { ...mode, problem, failures };
  return armBeyond({ ...state, mode: next }, next, armed);
}

function applyToPrepared(state: PlayerState, mode: PreparedMode, event: TrackEvent): Transition {
  if (mode.track === null || !('trackId' in event) || event.trackId !== mode.track.trackId) return unchanged(state);
  if (event.kind === 'ready') {
    const track = { ...mode.track, durationFrames: event.durationFrames, isReady: true };
    const answer: PlayerEffect = { kind: 'answer', id: mode.commandId, reply: { kind: 'accepted', tellsClock: true } };
    const next: PlayerState = { ...state, mode: { ...mode, track, isAnswered: true } };
    return { state: next, effects: mode.isAnswered ? [] : [answer] };
  }
  if (event.kind !== 'failed') return unchanged(state);
  const refusal: PlayerEffect = { kind: 'answer', id: mode.commandId, reply: { kind: 'refused', error: event.error } };
  return { state: { ...state, mode: { kind: 'idle' } }, effects: mode.isAnswered ? [] : [refusal] };
}

/** Back to idle once it is known where it fell silent; what was last heard is then the session's last place. */
function applyToReleasing(state: PlayerState, mode: ReleasingMode, event: TrackEvent, nowUs: Us): Transition {
  const silent: PlayerState = { ...state, mode: { kind: 'idle' } };
  const stop: PlayerEffect = { kind: 'tellEngine', intent: { kind: 'stop' } };
  switch (event.kind) {
    case 'position': {
      const last = withPosition(mode.last, event);
      if (event.isSounding) return unchanged({ ...state, mode: { ...mode, last } });
      return { state: silent, effects: [stop, releaseAnswer({ ...mode, last })] };
    }
    case 'advanced':
      return unchanged({ ...state, mode: { ...mode, last: advance(mode.last, event, nowUs) } });
    case 'ended': {
      const anchor = { positionFrames: mode.last.track.durationFrames, atUs: nowUs };
      return { state: silent, effects: [stop, releaseAnswer({ ...mode, last: { ...mode.last, anchor } })] };
    }
    case 'failed':
    case 'starved':
      return { state: silent, effects: [stop, releaseAnswer(mode)] };
    default:
      return unchanged(state);
  }
}

function unchanged(state: PlayerState): Transition {
  return { state, effects: [] };
}
