/** Which of the places that a process left is the last one heard: the trace of its sound, where that goes with the session. */
import type { TracedSound } from '#device/core/ports/sound-trace';
import type { Frames } from '#protocol/vocabulary/units';
import type { SessionState } from '#protocol/wire/playback-state';

/** What was remembered, and when. */
export interface Remembered {
  readonly session: SessionState | null;
  /** Of the newest load or seek then. */
  readonly generation: number;
  readonly atUs: number;
}

/** What was left by a `SoundTrace`, and when. */
export interface SoundLeft extends TracedSound {
  readonly positionFrames: Frames;
  readonly atUs: number;
}

export interface LastHeard {
  readonly session: SessionState | null;
  readonly atUs: number;
}

/** A trace of another track, of before the newest seek, or older than the session, says nothing of it. */
export function lastHeard(remembered: Remembered, trace: SoundLeft | null): LastHeard {
  const { session, generation, atUs } = remembered;
  if (session === null || session.playback.kind === 'stopped' || trace === null) return { session, atUs };
  const { playback } = session;
  const isOfIt = trace.trackId === playback.trackId && trace.generation === generation && trace.atUs >= atUs;
  if (!isOfIt) return { session, atUs };
  const { positionFrames } = trace;
  return { session: { ...session, playback: { ...playback, positionFrames } }, atUs: trace.atUs };
}
