/**
 * Where the loudspeaker is, left many times a second where it outlives the process: whoever is killed in mid-track is
 * then known to have been heard up to there, to some hundredths of a second.
 *
 * Left by the audio thread, which is awake for every few milliseconds of sound anyway and knows the place to the frame.
 */
import type { TrackId } from '#protocol/vocabulary/ids';
import type { Frames } from '#protocol/vocabulary/units';

/** What sounds: a load or seek, and the track that it has come to. */
export interface TracedSound {
  readonly generation: number;
  readonly trackId: TrackId;
}

export interface SoundTrace {
  /** Called as often as anybody likes while sound is heard; kept as often as is cheap. Never throws. */
  leave(sound: TracedSound, positionFrames: Frames): void;
}
