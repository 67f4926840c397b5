/** What the audio thread is told at its start. */
import type { QualityPolicy } from '#device/core/audio/manifest/choose-file';
import type { LoudnessMode } from '#device/core/audio/mix/gain';
import type { SampleBits } from '#device/core/ports/audio-sink';
import type { LogLevel } from '#protocol/kit/json-logger';
import type { Bytes, Ms } from '#protocol/vocabulary/units';
import type { SinkChoice } from './sink-choice.ts';

export interface AudioWorkerData {
  readonly sink: SinkChoice;
  readonly latencyMs: Ms;
  /** What the segments held in memory may add up to. */
  readonly cacheBytes: Bytes;
  /** Where segments and manifests outlive the process; null: nowhere. */
  readonly archive: ArchivePlace | null;
  /** Where the trace of what is heard is left, and which start of the machine this is. */
  readonly trace: { readonly path: string; readonly bootId: string | null };
  readonly quality: QualityPolicy;
  readonly crossfade: Ms;
  readonly loudness: LoudnessMode;
  readonly sampleBits: SampleBits;
  readonly logLevel: LogLevel;
  /** Tells how fetches and the loudspeaker do; absent: it does not. */
  readonly hasFlightRecorder?: boolean;
}

export interface ArchivePlace {
  /** The speaker's data folder. */
  readonly folder: string;
  /** What the segments on disk may add up to. */
  readonly limitBytes: Bytes;
}
