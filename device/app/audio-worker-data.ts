/** What the audio thread is told at its start. */
import type { QualityPolicy } from '#device/core/audio/manifest/choose-file';
import type { LogLevel } from '#protocol/kit/json-logger';
import type { Bytes, Ms } from '#protocol/vocabulary/units';
import type { SinkChoice } from './sink-choice.ts';

export interface AudioWorkerData {
  readonly sink: SinkChoice;
  readonly latencyMs: Ms;
  /** What the segments held in memory may add up to. */
  readonly cacheBytes: Bytes;
  readonly quality: QualityPolicy;
  readonly logLevel: LogLevel;
}
