/**
 * The states of a player, and what can be read off one. Each mode holds exactly what exists then: there is no position
 * without a track, and no track without a session.
 */
import type { EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';
import { foldSession } from '#protocol/kit/track-lists';
import type { ErrorBody } from '#protocol/vocabulary/errors';
import type { CommandId, TrackId } from '#protocol/vocabulary/ids';
import { FRAMES_PER_SECOND, type Frames, frames, type Ms, type Us } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import type { SessionState, SpeakerStatus } from '#protocol/wire/playback-state';
import type { QueueState, QueueStep } from './queue.ts';

/** Where the loudspeaker was, and when. */
export interface Anchor {
  readonly positionFrames: Frames;
  readonly atUs: Us;
}

/** The track in the engine. `durationFrames` is 0 until the engine is ready and knows. */
export interface LoadedTrack {
  readonly trackId: TrackId;
  readonly durationFrames: Frames;
  readonly isReady: boolean;
}

/** What the engine was told comes next, and how the queue moves if it does. */
export interface ArmedTrack {
  readonly trackId: TrackId;
  readonly step: QueueStep;
}

export type Problem = SessionState['problem'];

export interface LoadedMode {
  readonly kind: 'loaded';
  readonly queue: QueueState;
  readonly problem: Problem;
  readonly track: LoadedTrack;
  /** Generation of the load; generations between it and the newest are seeks within what was loaded. */
  readonly loadGeneration: number;
  readonly anchor: Anchor;
  readonly activity: 'buffering' | 'playing' | 'paused';
  readonly armed: ArmedTrack | null;
  /** Armed before and replaced; the engine may have gone on to one of them before it heard. Newest first. */
  readonly armedBefore: readonly ArmedTrack[];
  /** Tracks in a row that could not be played. */
  readonly failures: number;
}

export interface PreparedMode {
  readonly kind: 'prepared';
  /** The `prepare` this is for. */
  readonly commandId: CommandId;
  readonly isAnswered: boolean;
  readonly queue: QueueState;
  /** Null when the session that is handed over has nothing to play. */
  readonly track: LoadedTrack | null;
  readonly positionFrames: Frames;
}

export interface ReleasingMode {
  readonly kind: 'releasing';
  /** The `release` that is to be answered. */
  readonly commandId: CommandId;
  /** What played, and plays for as long as sound waits in the device. */
  readonly last: LoadedMode;
}

export type PlayerMode =
  /** Not the session's writer. */
  | { readonly kind: 'idle' }
  /** A hand-over has begun; silent, not the writer yet. */
  | PreparedMode
  /** Not the writer any more; waits to know at which frame it fell silent, so that its heir begins with the next. */
  | ReleasingMode
  /** The writer, with nothing in the engine; the queue is kept so that `resume` starts it. */
  | { readonly kind: 'stopped'; readonly queue: QueueState; readonly problem: Problem }
  /** The writer, with a track in the engine. */
  | LoadedMode;

export interface PlayerState {
  /** Of the newest load or seek; what the engine says of an older one is dropped. */
  readonly generation: number;
  readonly speaker: SpeakerStatus;
  readonly mode: PlayerMode;
}

export interface CommandInput {
  readonly kind: 'command';
  readonly id: CommandId;
  readonly body: CommandBody;
  /** Time the sender will still wait. */
  readonly deadline: Ms;
  /** Uniform in [0, 1): chooses a shuffle, if one is to be chosen. */
  readonly fraction: number;
  readonly nowUs: Us;
  /** The body's `atUs` on our clock; absent where it has none, or where it cannot be told. */
  readonly instantUs?: Us;
}

/** What the process before this one played; the first thing a player hears, if it hears it at all. */
export interface RestoredInput {
  readonly kind: 'restored';
  readonly session: SessionState;
  readonly isPlaying: boolean;
  readonly nowUs: Us;
}

export type PlayerInput =
  | CommandInput
  | { readonly kind: 'engineReported'; readonly event: EngineEvent; readonly nowUs: Us }
  | { readonly kind: 'modeTimerFired'; readonly nowUs: Us }
  | RestoredInput
  /** The bridge says that another speaker is the writer. */
  | { readonly kind: 'fenced'; readonly nowUs: Us };

export type Reply =
  /** `tellsClock`: who asks is about to say an instant. */
  | { readonly kind: 'accepted'; readonly session?: SessionState | null; readonly tellsClock?: boolean }
  | { readonly kind: 'refused'; readonly error: ErrorBody }
  | { readonly kind: 'superseded' };

export type PlayerEffect =
  | { readonly kind: 'tellEngine'; readonly intent: EngineIntent }
  | { readonly kind: 'answer'; readonly id: CommandId; readonly reply: Reply }
  /** One timer for the mode that must not last: set anew by each of these. */
  | { readonly kind: 'armModeTimer'; readonly delay: Ms }
  | { readonly kind: 'cancelModeTimer' };

export interface Transition {
  readonly state: PlayerState;
  readonly effects: readonly PlayerEffect[];
}

const US_PER_SECOND = 1_000_000;

export function initialPlayerState(speaker: SpeakerStatus): PlayerState {
  return { generation: 0, speaker, mode: { kind: 'idle' } };
}

/** Where the loudspeaker is now: while playing, the last known position and the time since. */
export function positionAt(mode: LoadedMode, nowUs: Us): Frames {
  if (mode.activity !== 'playing') return mode.anchor.positionFrames;
  const elapsed = Math.max(0, Math.floor(((nowUs - mode.anchor.atUs) * FRAMES_PER_SECOND) / US_PER_SECOND));
  const position = mode.anchor.positionFrames + elapsed;
  const { durationFrames } = mode.track;
  return frames(durationFrames > 0 ? Math.min(position, durationFrames) : position);
}

/** The session as it is reported: null unless this speaker is its writer. */
export function sessionOf(state: PlayerState): SessionState | null {
  const { mode } = state;
  if (mode.kind === 'stopped') return { ...mode.queue, playback: { kind: 'stopped' }, problem: mode.problem };
  return mode.kind === 'loaded' ? loadedSession(mode) : null;
}

/** As `sessionOf`, as it travels. */
export function reportedSessionOf(state: PlayerState): SessionState | null {
  const session = sessionOf(state);
  return session === null ? null : foldSession(session);
}

/** Answers a `release`: the session where it stopped. Whether it played is kept, because its heir goes on as it was. */
export function releaseAnswer({ commandId, last }: ReleasingMode): PlayerEffect {
  return { kind: 'answer', id: commandId, reply: { kind: 'accepted', session: loadedSession(last) } };
}

function loadedSession(mode: LoadedMode): SessionState {
  const { trackId, durationFrames } = mode.track;
  const { positionFrames } = mode.anchor;
  return {
    ...mode.queue,
    playback: { kind: mode.activity, trackId, positionFrames, durationFrames },
    problem: mode.problem,
  };
}

/** When the reported position was true; null when it does not move. */
export function positionTrueAtUs(state: PlayerState): Us | null {
  return state.mode.kind === 'loaded' && state.mode.activity === 'playing' ? state.mode.anchor.atUs : null;
}
