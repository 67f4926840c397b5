/** Reads the samples of a WAV or AIFF file as a decoder would give them. */
import { open } from 'node:fs/promises';
import type { DecodedPiece } from '#bridge/core/services/ingest/stereo-48k';
import { filePieces } from './file-pieces.ts';
import { type PcmLayout, parseAiff, parseWave } from './pcm-container.ts';

/** What may stand before the samples: tags with a picture, mostly. */
const HEADER_BYTES_MAX = 16 * 1024 * 1024;

export async function* pcmPieces(path: string, format: 'wave' | 'aiff'): AsyncGenerator<DecodedPiece> {
  const layout = (format === 'wave' ? parseWave : parseAiff)(await beginning(path));
  const frameBytes = layout.bytesPerSample * layout.channels;
  let rest: Uint8Array = new Uint8Array(0);
  let left = layout.dataBytes;
  for await (const piece of filePieces(path, layout.dataOffset)) {
    const wanted = piece.subarray(0, Math.min(piece.length, left));
    left -= wanted.length;
    const bytes = new Uint8Array(rest.length + wanted.length);
    bytes.set(rest);
    bytes.set(wanted, rest.length);
    const whole = bytes.length - (bytes.length % frameBytes);
    rest = bytes.subarray(whole);
    if (whole > 0) yield { channels: deinterleaved(bytes.subarray(0, whole), layout), rateHz: layout.rateHz };
    if (left <= 0) return;
  }
}

async function beginning(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const bytes = new Uint8Array(Math.min(size, HEADER_BYTES_MAX));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function deinterleaved(bytes: Uint8Array, layout: PcmLayout): readonly Float32Array[] {
  const { channels, bytesPerSample } = layout;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = sampleReader(view, layout);
  const frameCount = bytes.length / (bytesPerSample * channels);
  return Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: frameCount }, (_sample, frame) => read((frame * channels + channel) * bytesPerSample)),
  );
}

function sampleReader(view: DataView, layout: PcmLayout): (offset: number) => number {
  const { bytesPerSample, kind, isLittleEndian: little } = layout;
  if (kind === 'float') {
    return bytesPerSample === 8 ? (at) => view.getFloat64(at, little) : (at) => view.getFloat32(at, little);
  }
  switch (bytesPerSample) {
    case 1:
      return kind === 'unsigned' ? (at) => (view.getUint8(at) - 128) / 128 : (at) => view.getInt8(at) / 128;
    case 2:
      return (at) => view.getInt16(at, little) / 2 ** 15;
    case 3:
      return (at) => {
        const high = view.getInt8(little ? at + 2 : at);
        return (high * 65_536 + view.getUint16(little ? at : at + 1, little)) / 2 ** 23;
      };
    case 4:
      return (at) => view.getInt32(at, little) / 2 ** 31;
    case 8:
      return (at) => Number(view.getBigInt64(at, little)) / 2 ** 63;
  }
}
