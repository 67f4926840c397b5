/**
 * Keeps the playback memory up to date: the whole at each change, the place about once a second while music plays. It
 * has no timer of its own, since the engine says once a second where it is; between two places the sound's trace tells.
 *
 * What changes is told by comparing what the player holds, not by events, so that no way into a state can be forgotten.
 */
import type { PlaybackMemory } from '#device/core/ports/playback-memory';
import type { Clock } from '#protocol/ports/clock';
import type { CommandId } from '#protocol/vocabulary/ids';
import { ms, type Us, us } from '#protocol/vocabulary/units';
import type { SessionState } from '#protocol/wire/playback-state';
import { type PlayerState, positionAt, sessionOf } from './player-state.ts';

/** Least time between two places: a little less than the engine's second, so that each of its reports is one. */
export const PLACE_EVERY_MS = ms(900);
/** Played this long, it was not what kills the process. */
export const PROVEN_AFTER_MS = ms(10_000);
/**
 * How far beyond what the engine said last a place is taken to be: it says so once a second, and one that says nothing
 * (it hangs, or this process was stopped) has not been heard to go on.
 */
const UNSAID_MAX_MS = ms(1_500);
const US_PER_MS = 1_000;

export interface PlaybackKeeperView {
  player(): PlayerState;
  epoch(): number;
  /** Commands that led to what is now, newest last. */
  performed(): readonly CommandId[];
}

export interface PlaybackKeeper {
  /** The player may have changed, or the engine has said something. */
  changed(): void;
  /** The speaker is ended on purpose, and comes back paused. Resolves when that is kept. */
  stop(): Promise<void>;
}

/** @param resumes processes in a row, this one included, that began by going on with what they found */
export function createPlaybackKeeper(
  ports: { readonly clock: Clock; readonly memory: PlaybackMemory },
  view: PlaybackKeeperView,
  resumes: number,
): PlaybackKeeper {
  const { clock, memory } = ports;
  let resumesInARow = resumes;
  let kept: readonly unknown[] = [];
  let placedAtUs: Us | null = null;
  let soundsSinceUs: Us | null = null;

  function remember(change: (session: SessionState) => SessionState = (session) => session): void {
    const state = view.player();
    const session = sessionNow(state, clock.nowUs());
    const { volume } = state.speaker;
    const changed = session === null ? null : change(session);
    const { generation } = state;
    const [epoch, performed] = [view.epoch(), view.performed()];
    memory.remember({ epoch, volume, session: changed, generation, resumes: resumesInARow, performed });
    placedAtUs = clock.nowUs();
  }

  function changed(): void {
    const state = view.player();
    const nowUs = clock.nowUs();
    if (resumesInARow > 0) judge(state, nowUs);
    const facts = factsOf(state, view.epoch());
    if (facts.length === kept.length && facts.every((fact, place) => fact === kept[place])) {
      place(state, nowUs);
      return;
    }
    kept = facts;
    remember();
  }

  function place({ mode }: PlayerState, nowUs: Us): void {
    if (mode.kind !== 'loaded' || mode.activity === 'paused') return;
    if (placedAtUs !== null && nowUs - placedAtUs < PLACE_EVERY_MS * US_PER_MS) return;
    placedAtUs = nowUs;
    const saidUntilUs = mode.anchor.atUs + UNSAID_MAX_MS * US_PER_MS;
    memory.place(positionAt(mode, us(Math.min(nowUs, saidUntilUs))));
  }

  function judge({ mode }: PlayerState, nowUs: Us): void {
    if (mode.kind !== 'loaded' || mode.activity !== 'playing') {
      soundsSinceUs = null;
      return;
    }
    soundsSinceUs ??= nowUs;
    if (nowUs - soundsSinceUs < PROVEN_AFTER_MS * US_PER_MS) return;
    resumesInARow = 0;
    remember();
  }

  return {
    changed,
    stop: () => {
      if (isToPlay(view.player())) remember(paused);
      return memory.flush();
    },
  };
}

/** All of which a change is to be remembered at once; the position alone goes on by itself. */
function factsOf(state: PlayerState, epoch: number): readonly unknown[] {
  const { mode, generation, speaker } = state;
  const common = [epoch, speaker.volume, mode.kind];
  if (mode.kind === 'stopped') return [...common, mode.queue, mode.problem];
  if (mode.kind !== 'loaded') return common;
  const { trackId, durationFrames } = mode.track;
  const facts = [...common, mode.queue, mode.problem, generation, trackId, durationFrames];
  return isToPlay(state) ? facts : [...facts, mode.anchor.positionFrames];
}

function isToPlay({ mode }: PlayerState): boolean {
  return mode.kind === 'loaded' && mode.activity !== 'paused';
}

/** The session with the position as it is now. */
function sessionNow(state: PlayerState, nowUs: Us): SessionState | null {
  const session = sessionOf(state);
  if (session === null || session.playback.kind === 'stopped' || state.mode.kind !== 'loaded') return session;
  return { ...session, playback: { ...session.playback, positionFrames: positionAt(state.mode, nowUs) } };
}

function paused(session: SessionState): SessionState {
  const { playback } = session;
  return playback.kind === 'stopped' ? session : { ...session, playback: { ...playback, kind: 'paused' } };
}
