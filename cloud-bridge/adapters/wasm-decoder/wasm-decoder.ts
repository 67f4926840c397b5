/** Decodes without any program on the machine: WebAssembly decoders from npm, a WAV reader and a resampler of our own. */
import type { AudioDecoder } from '#bridge/core/ports/audio-decoder';
import { TonearmError } from '#protocol/vocabulary/errors';

export class WasmDecoder implements AudioDecoder {
  // biome-ignore lint/correctness/useYield: the formats are still to come
  async *decode(_path: string): AsyncGenerator<Int16Array> {
    throw new TonearmError('ingest.unsupported-format', 'ffmpeg is needed to read this file');
  }
}
