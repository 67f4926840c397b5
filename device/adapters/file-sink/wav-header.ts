/** The 44 bytes before the samples of a WAV file: 48 kHz, stereo, signed 16 bits. */
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';

export const WAV_HEADER_BYTES = 44;
const CHANNELS = 2;
const SAMPLE_BYTES = 2;
const FORMAT_PCM = 1;

/** @param frames samples per channel that follow */
export function wavHeader(frames: number): Uint8Array {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  const dataBytes = frames * CHANNELS * SAMPLE_BYTES;
  header.write('RIFF', 0, 'ascii');
  header.writeUInt32LE(WAV_HEADER_BYTES - 8 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'ascii');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(FORMAT_PCM, 20);
  header.writeUInt16LE(CHANNELS, 22);
  header.writeUInt32LE(FRAMES_PER_SECOND, 24);
  header.writeUInt32LE(FRAMES_PER_SECOND * CHANNELS * SAMPLE_BYTES, 28);
  header.writeUInt16LE(CHANNELS * SAMPLE_BYTES, 32);
  header.writeUInt16LE(SAMPLE_BYTES * 8, 34);
  header.write('data', 36, 'ascii');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}
