/** A decoder whose MP4 files end where their container says, to the frame. Everything else passes through. */
import { type FileHandle, open } from 'node:fs/promises';
import type { AudioDecoder } from '#bridge/core/ports/audio-decoder';
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';
import { type Mp4Length, mp4Length } from './mp4-length.ts';

const CHANNELS = 2;
/** A `moov` box with its pictures and the packet table of a long recording. */
const MOOV_BYTES_MAX = 64 * 1024 * 1024;
const BOXES_MAX = 1_000;

export class Mp4TrimmedDecoder implements AudioDecoder {
  readonly #decoder: AudioDecoder;

  constructor(decoder: AudioDecoder) {
    this.#decoder = decoder;
  }

  async *decode(path: string): AsyncGenerator<Int16Array> {
    const length = await lengthOf(path);
    let left = length === null ? Number.POSITIVE_INFINITY : samplesOf(length);
    for await (const pcm of this.#decoder.decode(path)) {
      if (left > 0) yield pcm.length <= left ? pcm : pcm.subarray(0, left);
      left -= pcm.length;
    }
  }
}

function samplesOf({ frameCount, rateHz }: Mp4Length): number {
  return CHANNELS * Math.round((frameCount * FRAMES_PER_SECOND) / rateHz);
}

async function lengthOf(path: string): Promise<Mp4Length | null> {
  const handle = await open(path, 'r').catch(() => null);
  if (handle === null) return null;
  try {
    const moov = await readMoov(handle);
    return moov === null ? null : mp4Length(moov);
  } finally {
    await handle.close();
  }
}

/** Goes from box to box; null when it is not MP4 at all. */
async function readMoov(handle: FileHandle): Promise<Uint8Array | null> {
  const header = Buffer.alloc(16);
  for (let offset = 0, boxes = 0; boxes < BOXES_MAX; boxes += 1) {
    const { bytesRead } = await handle.read(header, 0, header.length, offset);
    if (bytesRead < 8) return null;
    const name = header.toString('latin1', 4, 8);
    if (offset === 0 && name !== 'ftyp') return null;
    const short = header.readUInt32BE(0);
    const size = short === 1 ? Number(header.readBigUInt64BE(8)) : short;
    if (size < 8) return null;
    if (name === 'moov') {
      if (size > MOOV_BYTES_MAX) return null;
      const moov = new Uint8Array(size);
      const read = await handle.read(moov, 0, size, offset);
      return moov.subarray(0, read.bytesRead);
    }
    offset += size;
  }
  return null;
}
