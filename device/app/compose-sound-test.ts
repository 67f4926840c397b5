/** `--test-sound`: two notes on the sink that was chosen, and one line of what came of it, for people and for `tonearm doctor`. */
import path from 'node:path';
import { testSound } from '#device/core/audio/playout/sound-test';
import { createSystemClock } from '#protocol/adapters/system-clock';
import type { SoundTestLine } from '#protocol/kit/judge-sound';
import { FRAMES_PER_SECOND, hz } from '#protocol/vocabulary/units';
import { composeSink } from './compose-sink.ts';
import type { SpeakerConfig } from './config.ts';

/** Two folders above this file, in the source tree and in a bundle alike. */
const ROOT = path.join(import.meta.dirname, '..', '..');
const MS_PER_SECOND = 1_000;

/** What is printed, as one line of JSON. */
export interface PrintedSoundTest extends SoundTestLine {
  readonly event: 'speaker.sound-test';
  readonly verdict: 'plays' | 'silent' | 'does-not-move' | 'does-not-open' | 'lost';
  readonly periodMs: number | null;
}

export async function runSoundTest(config: SpeakerConfig): Promise<PrintedSoundTest> {
  const clock = createSystemClock();
  const { latency, sampleBits } = config;
  const request = { rate: hz(FRAMES_PER_SECOND), channels: 2, latency, sampleBits } as const;
  const report = await testSound(clock, composeSink(clock, ROOT, config.sink), request);
  const { grant } = report;
  const inMs = (count: number | undefined) =>
    count === undefined ? null : (count * MS_PER_SECOND) / FRAMES_PER_SECOND;
  return {
    event: 'speaker.sound-test',
    verdict: report.verdict,
    sink: report.sink,
    problem: report.problem?.message ?? null,
    openMs: Math.round(report.openMs),
    rateHz: grant?.rate ?? null,
    sampleBits: grant?.sampleBits ?? null,
    bufferMs: inMs(grant?.bufferFrames),
    periodMs: inMs(grant?.periodFrames),
    canRewind: grant?.canRewind ?? null,
    speed: report.speed === null ? null : Number(report.speed.toFixed(3)),
    underruns: report.underruns,
  };
}
