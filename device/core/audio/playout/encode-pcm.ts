/** Samples as other programs read them raw: little endian, and 24 bits in three bytes (`s16le`, `s24le`, `s32le`). */
import type { SampleBits, SinkSamples } from '#device/core/ports/audio-sink';

const BYTES_OF_24_BITS = 3;

/** @param samples 24 bits left-aligned, as sinks are written @returns bytes of their own */
export function encodePcm(samples: SinkSamples, sampleBits: SampleBits): Uint8Array {
  // Every machine that this runs on is little endian.
  if (sampleBits !== 24) {
    return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength).slice();
  }
  const bytes = new Uint8Array(samples.length * BYTES_OF_24_BITS);
  let at = 0;
  for (const sample of samples) {
    bytes[at] = sample >> 8;
    bytes[at + 1] = sample >> 16;
    bytes[at + 2] = sample >> 24;
    at += BYTES_OF_24_BITS;
  }
  return bytes;
}
