/** Encodes blocks of 20 ms to Opus packets. One encoder, one stream; it remembers what came before. */
import type { Kbps } from '#protocol/vocabulary/units';

/** Frames in a block: 20 ms at 48 kHz. */
export const PACKET_FRAMES = 960;

export interface PacketEncoder {
  /** Input frame n sounds at decoded frame n + this. */
  readonly lookaheadFrames: number;
  /** @param pcm exactly `2 × PACKET_FRAMES` interleaved stereo samples */
  encode(pcm: Int16Array): Uint8Array;
  /** Off: the next packets can be decoded without those before them, at a cost of 2 to 3 bytes each. */
  setPrediction(isOn: boolean): void;
  close(): void;
}

/** Makes encoders; each keeps a state of its own and is for one stream. */
export interface PacketEncoderFactory {
  create(bitrateKbps: Kbps): PacketEncoder;
}
