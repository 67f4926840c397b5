/**
 * What a recording is, in the two forms that players look for in a RIFF file: a LIST INFO chunk (old and plain) and an
 * ID3v2.4 tag in an `id3 ` chunk (everything, with the picture).
 */

const CHUNK_HEADER_BYTES = 8;
const ID3_HEADER_BYTES = 10;
const FRAME_HEADER_BYTES = 10;
const ENCODING_UTF8 = 3;
const PICTURE_FRONT_COVER = 3;
const ID3_VERSION = [4, 0] as const;

/** A track's tags; text is UTF-8. */
export interface WavTags {
  readonly title: string;
  readonly artist: string;
  readonly album: string;
  readonly trackNumber: number;
  readonly trackCount: number;
  readonly year: number;
  readonly genre: string;
  readonly comment: string;
  /** Front cover. */
  readonly picture: { readonly mediaType: string; readonly bytes: Uint8Array } | null;
}

/** The LIST chunk with INFO texts, padded to an even length. */
export function encodeInfoChunk(tags: WavTags): Uint8Array {
  const texts: readonly (readonly [string, string])[] = [
    ['INAM', tags.title],
    ['IART', tags.artist],
    ['IPRD', tags.album],
    ['ITRK', String(tags.trackNumber)],
    ['ICRD', String(tags.year)],
    ['IGNR', tags.genre],
    ['ICMT', tags.comment],
  ];
  const entries = texts.map(([name, text]) => chunk(name, zeroEnded(utf8(text))));
  return chunk('LIST', joined([utf8('INFO'), ...entries]));
}

/** The `id3 ` chunk, padded to an even length. */
export function encodeTagChunk(tags: WavTags): Uint8Array {
  const frames = [
    textFrame('TIT2', tags.title),
    textFrame('TPE1', tags.artist),
    textFrame('TPE2', tags.artist),
    textFrame('TALB', tags.album),
    textFrame('TRCK', `${tags.trackNumber}/${tags.trackCount}`),
    textFrame('TDRC', String(tags.year)),
    textFrame('TCON', tags.genre),
    ...(tags.picture === null ? [] : [pictureFrame(tags.picture)]),
  ];
  const body = joined(frames);
  const header = joined([utf8('ID3'), Uint8Array.from([...ID3_VERSION, 0]), synchsafe(body.length)]);
  if (header.length !== ID3_HEADER_BYTES) throw new RangeError('an ID3 header has ten bytes');
  return chunk('id3 ', joined([header, body]));
}

function textFrame(id: string, text: string): Uint8Array {
  return frame(id, joined([Uint8Array.of(ENCODING_UTF8), utf8(text)]));
}

function pictureFrame(picture: { readonly mediaType: string; readonly bytes: Uint8Array }): Uint8Array {
  const head = [Uint8Array.of(ENCODING_UTF8), zeroEnded(utf8(picture.mediaType)), Uint8Array.of(PICTURE_FRONT_COVER)];
  const noDescription = Uint8Array.of(0);
  return frame('APIC', joined([...head, noDescription, picture.bytes]));
}

function frame(id: string, body: Uint8Array): Uint8Array {
  const noFlags = Uint8Array.of(0, 0);
  const header = joined([utf8(id), synchsafe(body.length), noFlags]);
  if (header.length !== FRAME_HEADER_BYTES) throw new RangeError('an ID3 frame header has ten bytes');
  return joined([header, body]);
}

/** Seven bits to a byte, so that no size looks like an MPEG frame (ID3v2.4 section 6.2). */
function synchsafe(size: number): Uint8Array {
  return Uint8Array.of((size >>> 21) & 0x7f, (size >>> 14) & 0x7f, (size >>> 7) & 0x7f, size & 0x7f);
}

function chunk(name: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(CHUNK_HEADER_BYTES + body.length + (body.length % 2));
  bytes.set(utf8(name));
  new DataView(bytes.buffer).setUint32(4, body.length, true);
  bytes.set(body, CHUNK_HEADER_BYTES);
  return bytes;
}

function zeroEnded(bytes: Uint8Array): Uint8Array {
  return joined([bytes, Uint8Array.of(0)]);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}
