/**
 * How long an MP4 file's music really is. AAC comes in packets of 1,024 frames, so a decoder gives up to a packet of
 * silence too much at the end; between two tracks of one recording that is a gap. The container knows better: iTunes
 * writes it in a comment, others in the edit list and the media header. Bytes in, record out.
 */
export interface Mp4Length {
  readonly frameCount: number;
  readonly rateHz: number;
}

const BOX_HEADER_BYTES = 8;
const DEPTH_MAX = 12;
const CONTAINERS: ReadonlySet<string> = new Set(['moov', 'trak', 'mdia', 'edts', 'udta', 'meta', 'ilst', '----']);
/** ` 00000000 PRIMING PADDING LENGTH …` in hexadecimal; the length is the music's, in frames. */
const ITUNES_GAPLESS = /^ ?[0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{16})/i;

interface Found {
  gapless: number | null;
  timescale: number | null;
  mediaDuration: number | null;
  mediaStart: number | null;
}

/** @param moov the `moov` box, header included. Null when it does not say */
export function mp4Length(moov: Uint8Array): Mp4Length | null {
  const found: Found = { gapless: null, timescale: null, mediaDuration: null, mediaStart: null };
  const view = new DataView(moov.buffer, moov.byteOffset, moov.byteLength);
  try {
    walk(view, 0, view.byteLength, 0, found);
  } catch (error) {
    // A box that claims more than there is: the decoder will say whether the file is any good.
    if (error instanceof RangeError) return null;
    throw error;
  }
  const { timescale, mediaDuration, mediaStart } = found;
  if (timescale === null || timescale === 0) return null;
  if (found.gapless !== null && found.gapless > 0) return { frameCount: found.gapless, rateHz: timescale };
  if (mediaDuration === null || mediaStart === null || mediaDuration <= mediaStart) return null;
  return { frameCount: mediaDuration - mediaStart, rateHz: timescale };
}

function walk(view: DataView, start: number, end: number, depth: number, found: Found): void {
  if (depth > DEPTH_MAX) return;
  for (let offset = start; offset + BOX_HEADER_BYTES <= end; ) {
    const size = view.getUint32(offset);
    if (size < BOX_HEADER_BYTES || offset + size > end) return;
    const name = textAt(view, offset + 4, 4);
    const body = offset + BOX_HEADER_BYTES;
    // `meta` has four bytes of version and flags before its boxes.
    if (CONTAINERS.has(name)) walk(view, name === 'meta' ? body + 4 : body, offset + size, depth + 1, found);
    else readBox(view, name, body, offset + size, found);
    offset += size;
  }
}

function readBox(view: DataView, name: string, body: number, end: number, found: Found): void {
  const isLong = view.getUint8(body) === 1;
  if (name === 'mdhd' && found.timescale === null) {
    found.timescale = view.getUint32(body + (isLong ? 20 : 12));
    found.mediaDuration = isLong ? Number(view.getBigUint64(body + 24)) : view.getUint32(body + 16);
  }
  if (name === 'elst' && found.mediaStart === null && view.getUint32(body + 4) === 1) {
    const start = isLong ? Number(view.getBigInt64(body + 16)) : view.getInt32(body + 12);
    if (start >= 0) found.mediaStart = start;
  }
  // Within `----`: `mean`, `name` and `data`; the data follows eight bytes of type and language.
  if (name !== 'data' || end - body <= 8) return;
  const gapless = ITUNES_GAPLESS.exec(textAt(view, body + 8, Math.min(end - body - 8, 128)));
  if (gapless !== null) found.gapless = Number.parseInt(gapless[1] ?? '0', 16);
}

function textAt(view: DataView, offset: number, length: number): string {
  return String.fromCharCode(...Array.from({ length }, (_, index) => view.getUint8(offset + index)));
}
