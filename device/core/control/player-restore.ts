/**
 * How a player goes on with what the process before it played: the policy whether sound begins by itself, and the move.
 */
import type { RecalledPlayback } from '#device/core/ports/playback-memory';
import { ms } from '#protocol/vocabulary/units';
import { load } from './player-moves.ts';
import type { PlayerState, RestoredInput, Transition } from './player-state.ts';

/**
 * A speaker that died this long ago goes on by itself; later nobody expects sound any more, and it comes back paused. A
 * supervisor is back within a second, a machine that is out of memory within some ten.
 */
export const RESUMES_WITHIN_MS = ms(60_000);
/** A track that kills the process kills it again: after so many times in a row it waits for somebody to ask. */
export const RESUMES_IN_A_ROW_MAX = 3;

/** Whether music begins at the start of the process, without anybody asking. */
export function resumesByItself({ session, ageMs, resumes }: RecalledPlayback): boolean {
  const wasPlaying = session?.playback.kind === 'playing' || session?.playback.kind === 'buffering';
  return wasPlaying && ageMs !== null && ageMs <= RESUMES_WITHIN_MS && resumes < RESUMES_IN_A_ROW_MAX;
}

/** The session as it was, playing or paused at its position. Applied to a player that has nothing yet. */
export function restore(state: PlayerState, { session, isPlaying, nowUs }: RestoredInput): Transition {
  const { accountId, queue, shuffleSeed, repeat, playback, problem } = session;
  const queueState = { ...(accountId === undefined ? {} : { accountId }), queue, shuffleSeed, repeat };
  if (playback.kind === 'stopped') {
    return { state: { ...state, mode: { kind: 'stopped', queue: queueState, problem } }, effects: [] };
  }
  const { trackId, positionFrames } = playback;
  return load(state, { queue: queueState, trackId, positionFrames, isPlaying, problem, failures: 0, nowUs });
}
