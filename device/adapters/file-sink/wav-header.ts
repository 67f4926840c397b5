/**
 * The bytes before the samples of a WAV file: 48 kHz, stereo, signed 16, 24 or 32 bits.
 *
 * Above 16 bits Microsoft's rules want the extensible form, which also says which channel is which; players that are
 * strict read nothing else.
 */
import type { SampleBits } from '#device/core/ports/audio-sink';
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';

const CHANNELS = 2;
const FORMAT_PCM = 1;
const FORMAT_EXTENSIBLE = 0xfffe;
const FRONT_LEFT_AND_RIGHT = 3;
/** KSDATAFORMAT_SUBTYPE_PCM but for its first two bytes, which are the format. */
const SUBTYPE_REST = '000000001000800000aa00389b71';
const CHUNK_HEAD_BYTES = 8;
const RIFF_BYTES = CHUNK_HEAD_BYTES + 4;
const FORMAT_BYTES = 16;
const FORMAT_EXTENSIBLE_BYTES = 40;

export const WAV_HEADER_BYTES_MAX = wavHeaderBytes(32);

export function wavHeaderBytes(bits: SampleBits): number {
  return RIFF_BYTES + CHUNK_HEAD_BYTES + formatBytes(bits) + CHUNK_HEAD_BYTES;
}

/** Bytes of one frame; samples of 24 bits take three. */
export function wavFrameBytes(bits: SampleBits): number {
  return (CHANNELS * bits) / 8;
}

/** @param frames samples per channel that follow */
export function wavHeader(frames: number, bits: SampleBits): Uint8Array {
  const header = Buffer.alloc(wavHeaderBytes(bits));
  const dataBytes = frames * wavFrameBytes(bits);
  header.write('RIFF', 0, 'ascii');
  header.writeUInt32LE(header.length - CHUNK_HEAD_BYTES + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'ascii');
  header.writeUInt32LE(formatBytes(bits), 16);
  header.writeUInt16LE(bits === 16 ? FORMAT_PCM : FORMAT_EXTENSIBLE, 20);
  header.writeUInt16LE(CHANNELS, 22);
  header.writeUInt32LE(FRAMES_PER_SECOND, 24);
  header.writeUInt32LE(FRAMES_PER_SECOND * wavFrameBytes(bits), 28);
  header.writeUInt16LE(wavFrameBytes(bits), 32);
  header.writeUInt16LE(bits, 34);
  if (bits !== 16) {
    header.writeUInt16LE(FORMAT_EXTENSIBLE_BYTES - FORMAT_BYTES - 2, 36);
    header.writeUInt16LE(bits, 38);
    header.writeUInt32LE(FRONT_LEFT_AND_RIGHT, 40);
    header.writeUInt16LE(FORMAT_PCM, 44);
    header.write(SUBTYPE_REST, 46, 'hex');
  }
  header.write('data', header.length - CHUNK_HEAD_BYTES, 'ascii');
  header.writeUInt32LE(dataBytes, header.length - 4);
  return header;
}

function formatBytes(bits: SampleBits): number {
  return bits === 16 ? FORMAT_BYTES : FORMAT_EXTENSIBLE_BYTES;
}
