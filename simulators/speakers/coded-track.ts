/**
 * A track made of coded packets: its stored object, segment by segment as ingest would lay it out, and its manifest.
 * The seal is a checksum that names file, number and last-flag; it protects nothing and costs nothing.
 */
import { oggCrc } from '#device/core/audio/demux/ogg-crc';
import type { SegmentCipher, SegmentSeal } from '#device/core/ports/segment-cipher';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type FileId, fileId, type TrackId, trackId } from '#protocol/vocabulary/ids';
import { ok, refused } from '#protocol/vocabulary/result';
import { bytes, type Frames, frames, kbps } from '#protocol/vocabulary/units';
import { type Manifest, SEGMENT_SEAL_BYTES } from '#protocol/wire/manifest';
import { encodeCodedPacket, PACKET_FRAMES } from './coded-packet.ts';

/** libopus' usual look-ahead at 48 kHz; not a whole packet, so that mistakes about it show. */
export const PRE_SKIP_FRAMES = 312;
const PACKETS_PER_SEGMENT = 50;
const SEGMENT_FRAMES = PACKETS_PER_SEGMENT * PACKET_FRAMES;
const BITRATE = kbps(160);
const KEY = { kind: 'plain', base64: 'AAAAAAAAAAAAAAAAAAAAAA==' } as const;
const PAGE_HEADER_BYTES = 27;
const FLAG_BEGINS = 2;
const FLAG_ENDS = 4;
const ASCII_SPACE = 0x20;

export interface CodedTrack {
  /** From 1; what its sound is marked with. */
  readonly number: number;
  readonly trackId: TrackId;
  readonly fileId: FileId;
  readonly durationFrames: Frames;
  /** Made when it is first asked for: most tracks of most households are never played. */
  content(): CodedContent;
}

export interface CodedContent {
  readonly manifest: Manifest;
  /** Sealed segments in a row. */
  readonly stored: Uint8Array;
}

/** @param number from 1 to 65,535 */
export function createCodedTrack(number: number, durationFrames: Frames): CodedTrack {
  const file = fileId(number.toString(16).padStart(64, '0'));
  const id = trackId(String(number).padStart(22, '0'));
  let content: CodedContent | null = null;
  return {
    number,
    trackId: id,
    fileId: file,
    durationFrames,
    content: () => {
      content ??= createContent(number, id, file, durationFrames);
      return content;
    },
  };
}

function createContent(number: number, id: TrackId, file: FileId, durationFrames: Frames): CodedContent {
  const packetCount = Math.ceil((durationFrames + PRE_SKIP_FRAMES) / PACKET_FRAMES);
  const segmentCount = Math.ceil(packetCount / PACKETS_PER_SEGMENT);
  const sealed: Uint8Array[] = [];
  for (let segment = 0; segment < segmentCount; segment += 1) {
    const isLast = segment === segmentCount - 1;
    const first = segment * PACKETS_PER_SEGMENT;
    const packets = Array.from({ length: Math.min(PACKETS_PER_SEGMENT, packetCount - first) }, (_, place) =>
      encodeCodedPacket({ track: number, packet: first + place }),
    );
    const end = isLast ? durationFrames + PRE_SKIP_FRAMES : (first + packets.length) * PACKET_FRAMES;
    const page = encodePage({ serial: number, sequence: segment + 2, granule: end, packets, isLast });
    const plain = segment === 0 ? join([...headerPages(number), page]) : page;
    sealed.push(seal(plain, { keyBase64: KEY.base64, fileId: file, segment, isLast }));
  }
  return {
    stored: join(sealed),
    manifest: {
      trackId: id,
      durationFrames,
      loudness: null,
      files: [
        {
          fileId: file,
          codec: 'opus',
          bitrateKbps: BITRATE,
          preSkipFrames: frames(PRE_SKIP_FRAMES),
          segmentFrames: frames(SEGMENT_FRAMES),
          segmentSizesBytes: sealed.map((piece) => bytes(piece.length)),
          key: KEY,
        },
      ],
      edges: [],
      token: 'anybody',
      tokenExpiresAtMs: Number.MAX_SAFE_INTEGER,
    },
  };
}

/** In-memory twin of the AES-GCM cipher: refuses what was sealed as something else, or has a wrong bit. */
export const codedCipher: SegmentCipher = {
  open: (sealed, place) => {
    const plain = sealed.subarray(0, sealed.length - SEGMENT_SEAL_BYTES);
    const tag = sealed.subarray(sealed.length - SEGMENT_SEAL_BYTES);
    const expected = tagOf(plain, place);
    if (sealed.length < SEGMENT_SEAL_BYTES || expected.some((byte, index) => byte !== tag[index])) {
      return refused(new TonearmError('fetch.corrupt-segment', `segment ${place.segment} is not as it was sealed`));
    }
    return ok(plain);
  },
};

function seal(plain: Uint8Array, place: SegmentSeal): Uint8Array {
  return join([plain, tagOf(plain, place)]);
}

function tagOf(plain: Uint8Array, place: SegmentSeal): Uint8Array {
  const tag = new Uint8Array(SEGMENT_SEAL_BYTES);
  const view = new DataView(tag.buffer);
  view.setUint32(0, oggCrc(plain, 0, plain.length));
  view.setUint32(4, Number.parseInt(place.fileId.slice(-8), 16));
  view.setUint32(8, place.segment);
  view.setUint32(12, place.isLast ? 1 : 0);
  return tag;
}

function headerPages(serial: number): Uint8Array[] {
  const head = new Uint8Array(19);
  head.set(asciiBytes('OpusHead'));
  const view = new DataView(head.buffer);
  view.setUint8(8, 1);
  view.setUint8(9, 2);
  view.setUint16(10, PRE_SKIP_FRAMES, true);
  view.setUint32(12, 48_000, true);
  const tags = new Uint8Array(16);
  tags.set(asciiBytes('OpusTags'));
  return [head, tags].map((packet, sequence) =>
    encodePage({ serial, sequence, granule: 0, packets: [packet], isLast: false }),
  );
}

interface PageContent {
  readonly serial: number;
  readonly sequence: number;
  readonly granule: number;
  /** Each shorter than 255 bytes, at most 255 of them. */
  readonly packets: readonly Uint8Array[];
  readonly isLast: boolean;
}

/** RFC 3533 section 6. */
function encodePage({ serial, sequence, granule, packets, isLast }: PageContent): Uint8Array {
  const header = new Uint8Array(PAGE_HEADER_BYTES + packets.length);
  header.set(asciiBytes('OggS'));
  const view = new DataView(header.buffer);
  view.setUint8(5, (sequence === 0 ? FLAG_BEGINS : 0) | (isLast ? FLAG_ENDS : 0));
  view.setBigInt64(6, BigInt(granule), true);
  view.setUint32(14, serial, true);
  view.setUint32(18, sequence, true);
  view.setUint8(26, packets.length);
  packets.forEach((packet, place) => {
    view.setUint8(PAGE_HEADER_BYTES + place, packet.length);
  });
  const page = join([header, ...packets]);
  new DataView(page.buffer).setUint32(22, oggCrc(page, 0, page.length), true);
  return page;
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.codePointAt(0) ?? ASCII_SPACE);
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}
