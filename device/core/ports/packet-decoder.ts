/**
 * Opus packets to samples. One decoder has one stream's history; a seek wants a fresh one and pre-roll.
 */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';

export interface PacketDecoder {
  /**
   * Decodes one packet into `out` (interleaved float, 48 kHz stereo, nominally ±1).
   * @param out room for 5760 frames (120 ms, the longest packet)
   * @returns frames decoded, or `decode.corrupt-packet`; the decoder stays usable after it
   */
  decode(packet: Uint8Array, out: Float32Array): Result<number, TonearmError>;
  /** Frees what the decoder holds outside the heap. Twice is harmless. */
  close(): void;
}

export interface PacketDecoderFactory {
  /** For logs and doctor: which library decodes, e.g. `libopus (native)`, `libopus (WebAssembly)`. */
  readonly name: string;
  create(): PacketDecoder;
}
