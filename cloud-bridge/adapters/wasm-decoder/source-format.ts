/** What a file is by its first bytes. Names lie: a FLAC called `.mp3` is still a FLAC. */
export type SourceFormat = 'flac' | 'oggFlac' | 'oggVorbis' | 'oggOpus' | 'mp3' | 'wave' | 'aiff' | 'mp4' | 'adts';

/** Bytes to look at. */
export const SNIFF_BYTES = 64 * 1024;
const ID3_HEADER_BYTES = 10;

/** @param start the first bytes of the file. Null: nothing we know */
export function sourceFormat(start: Uint8Array): SourceFormat | null {
  const text = (offset: number, length: number): string =>
    String.fromCharCode(...start.subarray(offset, offset + length));
  if (text(0, 4) === 'fLaC') return 'flac';
  if (text(0, 4) === 'OggS') return oggFormat(start, text);
  if ((text(0, 4) === 'RIFF' || text(0, 4) === 'RF64') && text(8, 4) === 'WAVE') return 'wave';
  if (text(0, 4) === 'FORM' && (text(8, 4) === 'AIFF' || text(8, 4) === 'AIFC')) return 'aiff';
  if (text(4, 4) === 'ftyp') return 'mp4';
  if (text(0, 3) === 'ID3') return afterId3(start);
  return mpegFormat(start);
}

function oggFormat(start: Uint8Array, text: (offset: number, length: number) => string): SourceFormat | null {
  const body = 27 + (start[26] ?? 0);
  if (text(body, 8) === 'OpusHead') return 'oggOpus';
  if (text(body + 1, 6) === 'vorbis') return 'oggVorbis';
  if (text(body + 1, 4) === 'FLAC') return 'oggFlac';
  return null;
}

/** An ID3 tag may stand before anything; before what is not FLAC or AAC it is taken to stand before MP3, whatever its length. */
function afterId3(start: Uint8Array): SourceFormat {
  const [a = 0, b = 0, c = 0, d = 0] = start.subarray(6, ID3_HEADER_BYTES);
  const rest = start.subarray(ID3_HEADER_BYTES + ((a << 21) | (b << 14) | (c << 7) | d));
  if (String.fromCharCode(...rest.subarray(0, 4)) === 'fLaC') return 'flac';
  return mpegFormat(rest) === 'adts' ? 'adts' : 'mp3';
}

function mpegFormat(start: Uint8Array): SourceFormat | null {
  // Some files begin with zeros or the end of something else; a frame's sync must come within the first bytes.
  for (let offset = 0; offset + 1 < start.length; offset += 1) {
    if (start[offset] !== 0xff) continue;
    const next = start[offset + 1] ?? 0;
    if ((next & 0xf6) === 0xf0) return 'adts';
    if ((next & 0xe0) === 0xe0 && (next & 0x06) !== 0 && (next & 0x18) !== 0x08) return 'mp3';
  }
  return null;
}
