/**
 * 16-bit PCM in a RIFF file, with or without tags: the one container of music made here, because every decoder reads
 * it and its frames are exactly those that were put in, so that a cut can be checked to the sample.
 */
import { encodeInfoChunk, encodeTagChunk, type WavTags } from './wav-tags.ts';

const FULL_SCALE = 32_767;
const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const FORMAT_BYTES = 16;
const FORMAT_PCM = 1;
const CHANNELS = 2;
const SAMPLE_BYTES = 2;
const FRAME_BYTES = CHANNELS * SAMPLE_BYTES;

/** Samples of one channel: in ±1, or as they lie in the file. */
export type WavSamples = Float32Array | Int16Array;

/** Both channels of equal length. */
export interface WavAudio {
  readonly left: WavSamples;
  readonly right: WavSamples;
  /** Frames per second. */
  readonly rate: number;
}

/**
 * @returns a whole file: tags first, then sound, so that who streams it knows what it is before it plays
 * @throws RangeError when the channels differ in length
 */
export function encodeWav(audio: WavAudio, tags: WavTags | null = null): Uint8Array {
  if (audio.left.length !== audio.right.length) {
    throw new RangeError(`channels of ${audio.left.length} and ${audio.right.length} frames`);
  }
  const tagBytes = tags === null ? new Uint8Array(0) : concat(encodeInfoChunk(tags), encodeTagChunk(tags));
  const dataBytes = audio.left.length * FRAME_BYTES;
  const dataStart = RIFF_HEADER_BYTES + CHUNK_HEADER_BYTES + FORMAT_BYTES + tagBytes.length + CHUNK_HEADER_BYTES;
  const file = new Uint8Array(dataStart + dataBytes);
  const view = new DataView(file.buffer);
  writeAscii(file, 0, 'RIFF');
  view.setUint32(4, file.length - CHUNK_HEADER_BYTES, true);
  writeAscii(file, 8, 'WAVEfmt ');
  view.setUint32(16, FORMAT_BYTES, true);
  view.setUint16(20, FORMAT_PCM, true);
  view.setUint16(22, CHANNELS, true);
  view.setUint32(24, audio.rate, true);
  view.setUint32(28, audio.rate * FRAME_BYTES, true);
  view.setUint16(32, FRAME_BYTES, true);
  view.setUint16(34, SAMPLE_BYTES * 8, true);
  file.set(tagBytes, RIFF_HEADER_BYTES + CHUNK_HEADER_BYTES + FORMAT_BYTES);
  writeAscii(file, dataStart - CHUNK_HEADER_BYTES, 'data');
  view.setUint32(dataStart - 4, dataBytes, true);
  writeChannel(view, dataStart, audio.left);
  writeChannel(view, dataStart + SAMPLE_BYTES, audio.right);
  return file;
}

/** A sample in ±1 as a file holds it; beyond full scale is full scale. */
export function toInt16(sample: number): number {
  return Math.round(Math.max(-1, Math.min(1, sample)) * FULL_SCALE);
}

function writeChannel(view: DataView, start: number, samples: WavSamples): void {
  const isFloat = samples instanceof Float32Array;
  for (let frame = 0; frame < samples.length; frame += 1) {
    const sample = samples[frame] ?? 0;
    view.setInt16(start + frame * FRAME_BYTES, isFloat ? toInt16(sample) : sample, true);
  }
}

function writeAscii(target: Uint8Array, start: number, text: string): void {
  for (let place = 0; place < text.length; place += 1) target[start + place] = text.charCodeAt(place);
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
