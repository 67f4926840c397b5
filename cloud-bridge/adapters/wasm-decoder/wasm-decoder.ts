/**
 * Decodes without any program on the machine: WebAssembly decoders from npm, and for WAV and AIFF a reader of our own.
 * Each format's library is loaded when the first file of it comes.
 */
import { open } from 'node:fs/promises';
import { type AudioDecoder, PCM_PIECE_SAMPLES_MAX } from '#bridge/core/ports/audio-decoder';
import { type ChannelOrder, type DecodedPiece, Stereo48k } from '#bridge/core/services/ingest/stereo-48k';
import { TonearmError } from '#protocol/vocabulary/errors';
import { aacPieces } from './aac-pieces.ts';
import { filePieces } from './file-pieces.ts';
import { pcmPieces } from './pcm-source.ts';
import { SNIFF_BYTES, type SourceFormat, sourceFormat } from './source-format.ts';

/** What all the libraries give. */
interface LibraryPiece {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  readonly errors: readonly { readonly message: string }[];
}

interface Library {
  readonly ready: Promise<void>;
  decode(bytes: Uint8Array): LibraryPiece | Promise<LibraryPiece>;
  /** What was kept back until the end was known. */
  flush?(): Promise<LibraryPiece>;
  free(): void;
}

export class WasmDecoder implements AudioDecoder {
  async *decode(path: string): AsyncGenerator<Int16Array> {
    try {
      const format = sourceFormat(await firstBytes(path));
      const stereo = new Stereo48k(format === 'oggVorbis' || format === 'oggOpus' ? vorbisOrder : waveOrder);
      for await (const piece of decodedPieces(path, format)) yield* cut(stereo.add(piece));
      yield* cut(stereo.finish());
    } catch (cause) {
      if (cause instanceof TonearmError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TonearmError('ingest.unreadable-file', `it cannot be decoded: ${reason}`, { cause });
    }
  }
}

const vorbisOrder: ChannelOrder = 'vorbis';
const waveOrder: ChannelOrder = 'wave';

/** In the lengths that the port allows. */
function* cut(pieces: Iterable<Int16Array>): Generator<Int16Array> {
  for (const pcm of pieces) {
    for (let offset = 0; offset < pcm.length; offset += PCM_PIECE_SAMPLES_MAX) {
      yield pcm.subarray(offset, offset + PCM_PIECE_SAMPLES_MAX);
    }
  }
}

function decodedPieces(path: string, format: SourceFormat | null): AsyncIterable<DecodedPiece> {
  switch (format) {
    case null:
      throw new TonearmError('ingest.unreadable-file', 'it is not music in any format that we know');
    case 'wave':
    case 'aiff':
      return pcmPieces(path, format);
    case 'mp4':
    case 'adts':
      return aacPieces(path);
    default:
      return libraryPieces(path, format);
  }
}

async function* libraryPieces(
  path: string,
  format: 'flac' | 'oggFlac' | 'oggVorbis' | 'oggOpus' | 'mp3',
): AsyncGenerator<DecodedPiece> {
  const library = await openLibrary(format);
  let given = 0;
  let complaint: string | null = null;
  const check = (piece: LibraryPiece): DecodedPiece | null => {
    complaint ??= piece.errors[0]?.message ?? null;
    given += piece.samplesDecoded;
    if (piece.samplesDecoded === 0) return null;
    const channels = piece.channelData.map((channel) => channel.subarray(0, piece.samplesDecoded));
    return { channels, rateHz: piece.sampleRate };
  };
  try {
    await library.ready;
    for await (const bytes of filePieces(path)) {
      const piece = check(await library.decode(bytes));
      if (piece !== null) yield piece;
    }
    const last = library.flush === undefined ? null : check(await library.flush());
    if (last !== null) yield last;
    if (given === 0) {
      throw new TonearmError(
        'ingest.unreadable-file',
        `it cannot be decoded: ${complaint ?? 'there is no sound in it'}`,
      );
    }
  } finally {
    library.free();
  }
}

async function openLibrary(format: 'flac' | 'oggFlac' | 'oggVorbis' | 'oggOpus' | 'mp3'): Promise<Library> {
  switch (format) {
    case 'flac':
    case 'oggFlac':
      return new (await import('@wasm-audio-decoders/flac')).FLACDecoder();
    case 'oggVorbis':
      return new (await import('@wasm-audio-decoders/ogg-vorbis')).OggVorbisDecoder();
    case 'oggOpus':
      return new (await import('ogg-opus-decoder')).OggOpusDecoder();
    case 'mp3':
      return new (await import('mpg123-decoder')).MPEGDecoder();
  }
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const bytes = new Uint8Array(SNIFF_BYTES);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
