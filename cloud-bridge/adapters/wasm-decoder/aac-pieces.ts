/**
 * AAC without ffmpeg on the machine: libavcodec's decoder compiled to WebAssembly, from an optional package (LGPL).
 *
 * Unlike the other libraries it was made for browsers and decodes a file as a whole. What that takes is done here and
 * nowhere else: the two names that its loader expects of a browser bundle, its program as a data address (it fetches),
 * and a limit of length, since all of the sound is in memory at once.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { DecodedPiece } from '#bridge/core/services/ingest/stereo-48k';
import { TonearmError } from '#protocol/vocabulary/errors';

/** A file of 20 minutes decodes to about 400 MB; longer ones are for ffmpeg. */
const DURATION_S_MAX = 20 * 60;
/** 20 minutes at 320 kbit/s with pictures. */
const FILE_BYTES_MAX = 96 * 1024 * 1024;
/** Asking from before the beginning keeps the first packet, which asking from zero loses (found by comparison with ffmpeg). */
const FROM_S = -1;
const TO_THE_END = -1;
const PIECE_FRAMES = 48_000;

interface AacDecoder {
  readonly sampleRate: number;
  readonly channelCount: number;
  readonly duration: number;
  decodeAudioData(startS: number, durationS: number, options: { readonly multiChannel: true }): Float32Array;
  dispose(): void;
}

interface AacLibrary {
  getAudioDecoder(program: string, file: ArrayBuffer): Promise<AacDecoder>;
}

export async function* aacPieces(path: string): AsyncGenerator<DecodedPiece> {
  const library = await loadLibrary();
  const file = await readFile(path);
  if (file.length > FILE_BYTES_MAX) throw tooLong();
  const decoder = await library.module.getAudioDecoder(library.program, new Uint8Array(file).buffer);
  try {
    if (decoder.duration > DURATION_S_MAX) throw tooLong();
    const samples = decoder.decodeAudioData(FROM_S, TO_THE_END, { multiChannel: true });
    const { channelCount, sampleRate } = decoder;
    for (let start = 0; start < samples.length; start += PIECE_FRAMES * channelCount) {
      const part = samples.subarray(start, start + PIECE_FRAMES * channelCount);
      yield { channels: deinterleaved(part, channelCount), rateHz: sampleRate };
    }
  } finally {
    decoder.dispose();
  }
}

function deinterleaved(samples: Float32Array, channels: number): readonly Float32Array[] {
  return Array.from({ length: channels }, (_, channel) =>
    Float32Array.from(
      { length: samples.length / channels },
      (_sample, frame) => samples[frame * channels + channel] ?? 0,
    ),
  );
}

async function loadLibrary(): Promise<{ readonly module: AacLibrary; readonly program: string }> {
  const require = createRequire(import.meta.url);
  try {
    const programPath = require.resolve('@humansignal/audio-file-decoder/decode-audio.wasm');
    Object.assign(globalThis, { require, __dirname: import.meta.dirname });
    const module = (await import('@humansignal/audio-file-decoder')) as unknown as AacLibrary;
    return { module, program: `data:application/wasm;base64,${readFileSync(programPath).toString('base64')}` };
  } catch (cause) {
    const message = 'AAC needs ffmpeg, or the optional package @humansignal/audio-file-decoder: neither is here';
    throw new TonearmError('ingest.unsupported-format', message, { cause });
  }
}

function tooLong(): TonearmError {
  const message = `AAC of more than ${DURATION_S_MAX / 60} minutes needs ffmpeg: install it, and the file is taken in`;
  return new TonearmError('ingest.unsupported-format', message);
}
