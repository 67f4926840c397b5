/**
 * What a speaker was playing, for the process that comes after this one: killed in mid-track and started again, it goes
 * on by itself, before its bridge is back.
 *
 * What is remembered survives the end of the process, however that comes, from a few milliseconds after the call; a power
 * cut may take back the last of it (each adapter says how much), never mix old with new.
 */
import type { CommandId } from '#protocol/vocabulary/ids';
import type { Frames, Ms, Percent } from '#protocol/vocabulary/units';
import type { SessionState } from '#protocol/wire/playback-state';

export interface RememberedPlayback {
  readonly epoch: number;
  readonly volume: Percent;
  /** With the position as it is now; null: not the session's writer. */
  readonly session: SessionState | null;
  /** Of the newest load or seek of the audio engine; its trace of this one is where the session is. */
  readonly generation: number;
  /** Processes in a row that began by going on with it and have not played for long. */
  readonly resumes: number;
  /** Commands that led to this, newest last: asked for again they are not done again. Absent: none is known. */
  readonly performed?: readonly CommandId[] | undefined;
}

export interface RecalledPlayback extends RememberedPlayback {
  /** Since it was last known to be so; null when nobody can tell, as after the machine itself was started anew. */
  readonly ageMs: Ms | null;
}

export interface PlaybackMemory {
  /** What the process before remembered, with the last place in it, or that of its sound's trace. Null when nothing was, or nothing can be read. Never rejects. */
  recall(): Promise<RecalledPlayback | null>;
  /** In the place of all that was remembered. Never waits; of many in a row the last is kept. */
  remember(playback: RememberedPlayback): void;
  /** Where the loudspeaker is in the track remembered last; cheap enough for once a second. */
  place(positionFrames: Frames): void;
  /** Resolves when all of it is kept, also through a power cut, or cannot be. Never rejects. Leaves no timer. */
  flush(): Promise<void>;
}
