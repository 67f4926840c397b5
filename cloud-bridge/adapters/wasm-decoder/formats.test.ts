/** Every format through both decoders: the same frames, to the frame, whichever a machine has. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { AudioDecoder } from '#bridge/core/ports/audio-decoder';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { ms } from '#protocol/vocabulary/units';
import { noFfmpegReason, type ToneFile, toneSample, writeCodedTone, writeWavTone } from '#sim/content/music-files';
import { FfmpegDecoder, findFfmpeg } from '../ffmpeg-decoder/ffmpeg-decoder.ts';
import { Mp4TrimmedDecoder } from '../mp4/mp4-trimmed-decoder.ts';
import { WasmDecoder } from './wasm-decoder.ts';

const folder = mkdtempSync(join(tmpdir(), 'tonearm-formats-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
if (noFfmpegReason !== null) console.log(`left out: the formats' tests, since ${noFfmpegReason}`);

const ffmpeg = findFfmpeg('ffmpeg');
const decoders: readonly (readonly [string, AudioDecoder | null])[] = [
  ['ffmpeg', ffmpeg === null ? null : new Mp4TrimmedDecoder(new FfmpegDecoder(createSystemClock(), ffmpeg))],
  ['wasm', new Mp4TrimmedDecoder(new WasmDecoder())],
];

interface Format {
  readonly name: string;
  readonly codec: readonly string[];
  /** dB against the tone that went in; what the codec itself costs. */
  readonly fidelityDb: number;
  readonly seconds?: number;
}

const FORMATS: readonly Format[] = [
  { name: 'flac', codec: ['-sample_fmt', 's16'], fidelityDb: 80 },
  { name: 'oga', codec: ['-c:a', 'flac', '-f', 'ogg'], fidelityDb: 80 },
  { name: 'wav', codec: ['-c:a', 'pcm_s24le'], fidelityDb: 80 },
  { name: 'aiff', codec: [], fidelityDb: 80 },
  // ffmpeg 5.1 loses the first 128 frames of a Vorbis stream that has but one page of sound: so two seconds.
  { name: 'ogg', codec: ['-c:a', 'libvorbis', '-q:a', '6'], fidelityDb: 25, seconds: 2 },
  { name: 'opus', codec: ['-c:a', 'libopus', '-b:a', '160k'], fidelityDb: 25 },
  { name: 'mp3', codec: ['-c:a', 'libmp3lame', '-b:a', '192k'], fidelityDb: 25 },
  { name: 'm4a', codec: ['-c:a', 'aac', '-b:a', '192k'], fidelityDb: 25 },
];

async function decodeAll(decoder: AudioDecoder, path: string): Promise<Int16Array> {
  const pieces: Int16Array[] = [];
  for await (const piece of decoder.decode(path)) pieces.push(piece);
  const all = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}

/** Signal to noise in dB against the tone that the file was made of, as it is at 48 kHz. */
function fidelity(pcm: Int16Array, file: ToneFile): number {
  const tone = { ...file, rateHz: 48_000 };
  let signal = 0;
  let noise = 0;
  for (let frame = 2_000; frame < pcm.length / 2 - 2_000; frame += 1) {
    for (const channel of [0, 1]) {
      const right = toneSample(tone, channel, frame) * 32_767;
      signal += right * right;
      noise += (right - (pcm[frame * 2 + channel] ?? 0)) ** 2;
    }
  }
  return 10 * Math.log10(signal / noise);
}

describe.skipIf(noFfmpegReason !== null).each(decoders)('the %s decoder', (_name, decoder) => {
  if (decoder === null) return;
  it.each(FORMATS.flatMap((format) => [44_100, 48_000].map((rateHz) => [format.name, rateHz, format] as const)))(
    'reads %s at %i Hz: every frame, where it belongs',
    async (name, rateHz, format) => {
      const file = {
        path: join(folder, `tone-${rateHz}.${name}`),
        rateHz,
        frames: (format.seconds ?? 1) * rateHz + 345,
      };
      writeCodedTone(file, format.codec);
      const pcm = await decodeAll(decoder, file.path);
      expect(pcm.length / 2).toBe(Math.round((file.frames * 48_000) / rateHz));
      expect(fidelity(pcm, file)).toBeGreaterThan(format.fidelityDb);
    },
  );

  it('reads raw AAC, whose length nobody knows to the frame', async () => {
    const file = { path: join(folder, 'tone.aac'), rateHz: 48_000, frames: 96_000 };
    writeCodedTone(file, ['-c:a', 'aac']);
    const frames = (await decodeAll(decoder, file.path)).length / 2;
    expect(Math.abs(frames - 96_000)).toBeLessThanOrEqual(4 * 1_024);
  });

  it('goes by what is in a file, not by its name', async () => {
    const file = { path: join(folder, 'a-flac.mp3'), rateHz: 48_000, frames: 48_000 };
    writeCodedTone(file, ['-f', 'flac']);
    expect((await decodeAll(decoder, file.path)).length / 2).toBe(48_000);
  });

  it.each([
    ['mono', '1'],
    ['5.1', '6'],
  ])('mixes %s to two channels without overload', async (name, channels) => {
    const file = { path: join(folder, `${name}.flac`), rateHz: 48_000, frames: 20_000 };
    writeCodedTone(file, ['-ac', channels, '-sample_fmt', 's16']);
    const pcm = await decodeAll(decoder, file.path);
    expect(pcm.length / 2).toBe(20_000);
    expect(Math.max(...pcm)).toBeGreaterThan(1_000);
    expect(Math.max(...pcm)).toBeLessThan(32_767);
  });

  it.each([
    ['a letter', 'letter.mp3', Buffer.from('Dear Sir, this is no music.\n'.repeat(50))],
    ['nothing', 'empty.flac', Buffer.alloc(0)],
    ['noise', 'noise.ogg', Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7919) % 251))],
    [
      'a play list',
      'list.mp3',
      Buffer.from(`#EXTM3U\n#EXTINF:9,\nfile:${join(folder, 'exact.wav')}\n#EXT-X-ENDLIST\n`),
    ],
    ['a head without a body', 'head.wav', Buffer.from('RIFF\u0004\u0000\u0000\u0000WAVE')],
    ['a head that lies', 'lie.m4a', Buffer.from('\u0000\u0000\u0000\u0018ftypM4A \u0000\u0000\u0000\u0000')],
  ])('refuses %s by saying what is wrong', async (_what, name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    await expect(decodeAll(decoder, path)).rejects.toMatchObject({ code: 'ingest.unreadable-file' });
  });

  it('refuses a file that is gone', async () => {
    await expect(decodeAll(decoder, join(folder, 'gone.mp3'))).rejects.toMatchObject({
      code: 'ingest.unreadable-file',
    });
  });

  it('can be stopped in the middle', async () => {
    const file = { path: join(folder, 'long.flac'), rateHz: 48_000, frames: 480_000 };
    writeCodedTone(file, []);
    for await (const piece of decoder.decode(file.path)) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
  });
});

describe('the wasm decoder', () => {
  const decoder = new WasmDecoder();

  it('reads 16-bit WAV at 48 kHz bit by bit', async () => {
    const file = { path: join(folder, 'exact.wav'), rateHz: 48_000, frames: 30_001 };
    writeWavTone(file);
    const pcm = await decodeAll(decoder, file.path);
    expect(pcm.length / 2).toBe(30_001);
    expect(pcm[2 * 777]).toBe(Math.round(toneSample(file, 0, 777) * 32_767));
  });

  it('takes what is there of a WAV file that was cut short', async () => {
    const file = { path: join(folder, 'cut.wav'), rateHz: 48_000, frames: 1_000 };
    writeWavTone(file);
    const { readFileSync } = await import('node:fs');
    writeFileSync(file.path, readFileSync(file.path).subarray(0, 44 + 400 * 4 + 3));
    expect((await decodeAll(decoder, file.path)).length / 2).toBe(400);
  });
});

describe('an ffmpeg that hangs', () => {
  it('is ended after its time, and the file refused', async () => {
    const program = join(folder, 'hanging-ffmpeg');
    writeFileSync(program, '#!/bin/sh\nprintf "0123"\nexec sleep 60\n');
    chmodSync(program, 0o755);
    const decoder = new FfmpegDecoder(createSystemClock(), { program, hasSoxr: false, stallMs: ms(100) });
    await expect(decodeAll(decoder, 'x')).rejects.toMatchObject({ message: expect.stringContaining('gave nothing') });
  });

  it('is refused when it cannot be started', async () => {
    const decoder = new FfmpegDecoder(createSystemClock(), { program: '/nowhere/ffmpeg', hasSoxr: false });
    await expect(decodeAll(decoder, 'x')).rejects.toMatchObject({ code: 'ingest.unreadable-file' });
    expect(findFfmpeg('/nowhere/ffmpeg')).toBeNull();
  });
});
