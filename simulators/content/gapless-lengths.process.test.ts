/**
 * Albums that play through depend on lengths to the frame, and every encoder has a way of its own to say how much of its
 * first and last packet is none of the music. So real encoders make files of known length, and each is stored as long as
 * what went in.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';
import { EncodingRoom } from './encoding-room.ts';
import { withItunesLength } from './itunes-length.ts';
import { writeWavTone } from './music-files.ts';

interface Encoder {
  readonly name: string;
  readonly program: string;
  readonly extension: string;
  readonly args: (wav: string, out: string) => readonly string[];
  /** Opus is at 48 kHz in its own file already: what its encoder made of a last part of a frame is a frame. */
  readonly roundsUp?: true;
  /** What is done to the file afterwards. @param frames that went in */
  readonly finish?: (file: Uint8Array, frames: number) => Uint8Array;
}

const viaFfmpeg = (...codec: readonly string[]): Encoder['args'] => {
  return (wav, out) => ['-v', 'error', '-y', '-i', wav, ...codec, out];
};
const ENCODERS: readonly Encoder[] = [
  { name: 'lame, constant', program: 'lame', extension: 'mp3', args: (wav, out) => ['--quiet', '-b', '192', wav, out] },
  { name: 'lame, variable', program: 'lame', extension: 'mp3', args: (wav, out) => ['--quiet', '-V', '2', wav, out] },
  { name: 'ffmpeg, MP3', program: 'ffmpeg', extension: 'mp3', args: viaFfmpeg('-c:a', 'libmp3lame', '-b:a', '128k') },
  { name: 'ffmpeg, AAC', program: 'ffmpeg', extension: 'm4a', args: viaFfmpeg('-c:a', 'aac', '-b:a', '160k') },
  {
    name: 'ffmpeg, AAC with the length as iTunes writes it',
    program: 'ffmpeg',
    extension: 'm4a',
    args: viaFfmpeg('-c:a', 'aac', '-b:a', '160k', '-use_editlist', '0', '-metadata', 'title=x'),
    finish: withItunesLength,
  },
  { name: 'ffmpeg, ALAC', program: 'ffmpeg', extension: 'm4a', args: viaFfmpeg('-c:a', 'alac') },
  { name: 'fdkaac', program: 'fdkaac', extension: 'm4a', args: (wav, out) => ['-S', '-b', '160k', '-o', out, wav] },
  { name: 'opusenc', program: 'opusenc', extension: 'opus', args: (wav, out) => ['--quiet', wav, out], roundsUp: true },
  {
    name: 'ffmpeg, Opus',
    program: 'ffmpeg',
    extension: 'opus',
    args: viaFfmpeg('-c:a', 'libopus', '-b:a', '128k'),
    roundsUp: true,
  },
  { name: 'oggenc', program: 'oggenc', extension: 'ogg', args: (wav, out) => ['--quiet', '-o', out, wav] },
  { name: 'flac', program: 'flac', extension: 'flac', args: (wav, out) => ['--silent', '-f', '-o', out, wav] },
  { name: 'ffmpeg, AIFF', program: 'ffmpeg', extension: 'aiff', args: viaFfmpeg() },
];
/** Two seconds and what fills no packet of any codec: a prime, one less than a packet of AAC, and one. */
const LENGTHS: readonly (readonly [rateHz: number, frames: number])[] = [
  [44_100, 2 * 44_100 + 347],
  [44_100, 2 * 44_100 + 1_023],
  [48_000, 2 * 48_000 + 1],
];

const isHere = (program: string) => spawnSync(program, ['--help'], { stdio: 'ignore' }).error === undefined;

describe('a file of known length is stored that long', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tonearm-gapless-'));
  let room: EncodingRoom;
  beforeAll(() => {
    room = new EncodingRoom(join(folder, 'scratch'), 1);
  });
  afterAll(async () => {
    await room.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { name, program, extension, args, finish, roundsUp = false } of ENCODERS) {
    const isMissing = !isHere(program);
    if (isMissing) console.warn(`left out: files of ${name}, since there is no ${program} here`);
    it.skipIf(isMissing)(
      `by ${name}`,
      async () => {
        for (const [rateHz, frames] of LENGTHS) {
          const wav = join(folder, 'source.wav');
          writeWavTone({ path: wav, rateHz, frames });
          const out = join(folder, `${frames}-${rateHz}.${extension}`);
          execFileSync(program, args(wav, out), { stdio: 'ignore' });
          if (finish !== undefined) writeFileSync(out, finish(readFileSync(out), frames));
          const { durationFrames } = await room.encode(out);
          const exact = (frames * FRAMES_PER_SECOND) / rateHz;
          const expected = roundsUp ? Math.ceil(exact) : Math.round(exact);
          expect([rateHz, frames, durationFrames]).toEqual([rateHz, frames, expected]);
        }
      },
      60_000,
    );
  }
});
