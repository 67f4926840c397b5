/**
 * Music files of every format for tests: made by ffmpeg where there is one, or as WAV without it. The sound is a tone
 * whose frames tell where they come from well enough to find a gap, a missing frame or a wrong speed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { encodeWav } from '#sim/music/wav-file';
import type { WavTags } from '#sim/music/wav-tags';

/** Why tests of formats are left out on a machine; null when they can run. */
export const noFfmpegReason: string | null =
  spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' }).status === 0
    ? null
    : 'ffmpeg is not on this machine, so no files of other formats can be made';

export interface ToneFile {
  readonly path: string;
  readonly rateHz: number;
  readonly frames: number;
  readonly hz?: number;
  readonly tags?: Partial<WavTags> & Readonly<Record<string, unknown>>;
}

const AMPLITUDE = 0.4;

/** The sample of channel 0 (left) or 1 (right) at a frame; the right one is upside down and softer. */
export function toneSample(file: ToneFile, channel: number, frame: number): number {
  const value = AMPLITUDE * Math.sin((2 * Math.PI * (file.hz ?? 997) * frame) / file.rateHz);
  return channel === 0 ? value : -value / 2;
}

export function writeWavTone(file: ToneFile): void {
  const channel = (index: number): Float32Array =>
    Float32Array.from({ length: file.frames }, (_, frame) => toneSample(file, index, frame));
  const tags = file.tags === undefined ? null : { ...noTags, ...file.tags };
  writeFileSync(file.path, encodeWav({ left: channel(0), right: channel(1), rate: file.rateHz }, tags));
}

/** @param codec ffmpeg's arguments for the output, e.g. `['-c:a', 'flac']` */
export function writeCodedTone(file: ToneFile, codec: readonly string[]): void {
  const wav = `${file.path}.source.wav`;
  writeWavTone({ ...file, path: wav });
  const metadata = Object.entries(file.tags ?? {}).flatMap(([key, value]) => ['-metadata', `${key}=${String(value)}`]);
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', wav, ...metadata, ...codec, file.path]);
  execFileSync('rm', [wav]);
}

const noTags: WavTags = {
  title: '',
  artist: '',
  album: '',
  trackNumber: 1,
  trackCount: 1,
  year: 2026,
  genre: '',
  comment: '',
  picture: null,
};
