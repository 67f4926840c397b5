/** Where the samples lie in a WAV or AIFF file, and how they are written. Bytes in, record out. */
import { TonearmError } from '#protocol/vocabulary/errors';

export interface PcmLayout {
  readonly channels: number;
  readonly rateHz: number;
  readonly bytesPerSample: 1 | 2 | 3 | 4 | 8;
  readonly kind: 'unsigned' | 'signed' | 'float';
  readonly isLittleEndian: boolean;
  readonly dataOffset: number;
  /** As the header says; a file cut short has less. Infinite for a stream that never knew its length. */
  readonly dataBytes: number;
}

const CHANNELS_MAX = 8;
const WAVE_PCM = 1;
const WAVE_FLOAT = 3;
const WAVE_EXTENSIBLE = 0xfffe;
/** Written by programs that did not know the length. */
const UNKNOWN_LENGTH = 0xffffffff;

interface Chunk {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/** @param start the beginning of the file, far enough to hold what stands before the samples */
export function parseWave(start: Uint8Array): PcmLayout {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  let format: Chunk | null = null;
  let longBytes: number | null = null;
  for (const chunk of chunksOf(view, true)) {
    if (chunk.name === 'ds64') longBytes = Number(view.getBigUint64(chunk.offset + 8, true));
    if (chunk.name === 'fmt ') format = chunk;
    if (chunk.name !== 'data') continue;
    if (format === null) break;
    const dataBytes = chunk.size === UNKNOWN_LENGTH ? (longBytes ?? Number.POSITIVE_INFINITY) : chunk.size;
    return { ...waveFormat(view, format), dataOffset: chunk.offset, dataBytes };
  }
  throw unreadable('it is a WAV file without samples');
}

function waveFormat(view: DataView, chunk: Chunk): Omit<PcmLayout, 'dataOffset' | 'dataBytes'> {
  const plain = view.getUint16(chunk.offset, true);
  const tag = plain === WAVE_EXTENSIBLE && chunk.size >= 26 ? view.getUint16(chunk.offset + 24, true) : plain;
  const bytesPerSample = sampleBytes(view.getUint16(chunk.offset + 14, true));
  if (tag !== WAVE_PCM && tag !== WAVE_FLOAT) {
    throw new TonearmError('ingest.unsupported-format', `WAV with coding ${tag}: ffmpeg is needed to read it`);
  }
  return {
    channels: channelCount(view.getUint16(chunk.offset + 2, true)),
    rateHz: view.getUint32(chunk.offset + 4, true),
    bytesPerSample,
    kind: tag === WAVE_FLOAT ? 'float' : bytesPerSample === 1 ? 'unsigned' : 'signed',
    isLittleEndian: true,
  };
}

/** @param start the beginning of the file, far enough to hold what stands before the samples */
export function parseAiff(start: Uint8Array): PcmLayout {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const isAifc = String.fromCharCode(...start.subarray(8, 12)) === 'AIFC';
  let common: Chunk | null = null;
  for (const chunk of chunksOf(view, false)) {
    if (chunk.name === 'COMM') common = chunk;
    if (chunk.name !== 'SSND') continue;
    if (common === null) break;
    const padding = 8 + view.getUint32(chunk.offset, false);
    const format = aiffFormat(view, common, isAifc);
    return { ...format, dataOffset: chunk.offset + padding, dataBytes: Math.max(0, chunk.size - padding) };
  }
  throw unreadable('it is an AIFF file without samples');
}

function aiffFormat(view: DataView, chunk: Chunk, isAifc: boolean): Omit<PcmLayout, 'dataOffset' | 'dataBytes'> {
  const coding = isAifc ? nameAt(view, chunk.offset + 18) : 'NONE';
  const isFloat = ['fl32', 'FL32', 'fl64', 'FL64'].includes(coding);
  if (!isFloat && !['NONE', 'twos', 'sowt'].includes(coding)) {
    throw new TonearmError('ingest.unsupported-format', `AIFF with coding ${coding}: ffmpeg is needed to read it`);
  }
  return {
    channels: channelCount(view.getUint16(chunk.offset, false)),
    rateHz: Math.round(extendedFloat(view, chunk.offset + 8)),
    bytesPerSample: sampleBytes(view.getUint16(chunk.offset + 6, false)),
    kind: isFloat ? 'float' : 'signed',
    isLittleEndian: coding === 'sowt',
  };
}

function* chunksOf(view: DataView, isLittleEndian: boolean): Generator<Chunk> {
  for (let offset = 12; offset + 8 <= view.byteLength; ) {
    const size = view.getUint32(offset + 4, isLittleEndian);
    yield { name: nameAt(view, offset), offset: offset + 8, size };
    offset += 8 + size + (size % 2);
  }
}

function nameAt(view: DataView, offset: number): string {
  return String.fromCharCode(...Array.from({ length: 4 }, (_, index) => view.getUint8(offset + index)));
}

/** 80 bits, as AIFF writes a sample rate; rates are small whole numbers, so the upper half of the mantissa says it all. */
function extendedFloat(view: DataView, offset: number): number {
  const exponent = (view.getUint16(offset, false) & 0x7fff) - 16_383;
  return view.getUint32(offset + 2, false) * 2 ** (exponent - 31);
}

function sampleBytes(bits: number): PcmLayout['bytesPerSample'] {
  const bytes = Math.ceil(bits / 8);
  if (bytes === 1 || bytes === 2 || bytes === 3 || bytes === 4 || bytes === 8) return bytes;
  throw unreadable(`samples of ${bits} bits cannot be read`);
}

function channelCount(count: number): number {
  if (count >= 1 && count <= CHANNELS_MAX) return count;
  throw unreadable(`${count} channels cannot be read`);
}

function unreadable(message: string): TonearmError {
  return new TonearmError('ingest.unreadable-file', message);
}
