/** Where playback is now, from where it was said to be and when. Pure; every view and every hand-over goes through here. */
import { FRAMES_PER_SECOND, type Frames, frames, type Ms, ms, type Us } from '#protocol/vocabulary/units';
import type { Playback, SessionState } from '#protocol/wire/playback-state';

const US_PER_SECOND = 1_000_000;
const MS_PER_SECOND = 1_000;

/** A session, and the instant on the bridge's clock at which its position was true. */
export interface TimedSession {
  readonly state: SessionState;
  readonly positionAtUs: Us;
}

/** @returns the position at `nowUs`, never past the end; 0 when nothing is loaded */
export function positionNow(session: TimedSession, nowUs: Us): Frames {
  const { playback } = session.state;
  if (playback.kind === 'stopped') return frames(0);
  if (playback.kind !== 'playing') return playback.positionFrames;
  const elapsedUs = Math.max(0, nowUs - session.positionAtUs);
  const moved = playback.positionFrames + Math.floor((elapsedUs * FRAMES_PER_SECOND) / US_PER_SECOND);
  // A duration of 0 is one that is not known yet.
  return frames(
    playback.durationFrames === 0 ? moved : Math.max(playback.positionFrames, Math.min(moved, playback.durationFrames)),
  );
}

export function positionMsNow(session: TimedSession, nowUs: Us): Ms {
  return ms(Math.floor((positionNow(session, nowUs) * MS_PER_SECOND) / FRAMES_PER_SECOND));
}

/** The session standing still where it is at `nowUs`: what is kept when its writer is gone. */
export function pausedAt(session: TimedSession, nowUs: Us): TimedSession {
  const { playback } = session.state;
  if (playback.kind === 'stopped') return session;
  const paused: Playback = { ...playback, kind: 'paused', positionFrames: positionNow(session, nowUs) };
  return { state: { ...session.state, playback: paused }, positionAtUs: nowUs };
}

/** The same session with its position brought up to `nowUs`, still playing if it was. */
export function broughtTo(session: TimedSession, nowUs: Us): TimedSession {
  const { playback } = session.state;
  if (playback.kind === 'stopped') return session;
  const moved: Playback = { ...playback, positionFrames: positionNow(session, nowUs) };
  return { state: { ...session.state, playback: moved }, positionAtUs: nowUs };
}

export function isSounding(state: SessionState): boolean {
  return state.playback.kind === 'playing' || state.playback.kind === 'buffering';
}
