/** Packets to sealed segments, the way the contract lays them down (spec section 8): what a bridge would store. */
import { createCipheriv, createHash } from 'node:crypto';
import { oggCrc } from '#device/core/audio/demux/ogg-crc';
import { type TrackId, fileId as toFileId, trackId as toTrackId } from '#protocol/vocabulary/ids';
import { bytes, frames, kbps } from '#protocol/vocabulary/units';
import { type Manifest, SEGMENT_NONCE_BYTES, segmentAssociatedData } from '#protocol/wire/manifest';

export const SEGMENT_PACKETS = 50;
const PACKET_FRAMES = 960;
const KEY = new Uint8Array(16).fill(7);
const FLAG_CONTINUED = 1;
const FLAG_BEGINS = 2;
const FLAG_ENDS = 4;
const SERIAL = 0x746f6e65;
/** Packets on one page; fewer than a segment has, so that segments are of several pages. */
const PAGE_PACKETS = 20;
const LACING_MAX = 255;

export interface StoredTrack {
  readonly manifest: Manifest;
  /** The sealed segments in a row. */
  readonly stored: Uint8Array;
  readonly segments: readonly Uint8Array[];
  readonly plainSegments: readonly Uint8Array[];
}

export interface StoredTrackFacts {
  readonly trackId: string;
  readonly packets: readonly Uint8Array[];
  readonly durationFrames: number;
  readonly preSkipFrames: number;
  readonly loudness?: Manifest['loudness'];
}

export function storeTrack(facts: StoredTrackFacts): StoredTrack {
  const plainSegments = muxSegments(facts);
  const id = createHash('sha256').update(Buffer.concat(plainSegments)).digest('hex');
  const segments = plainSegments.map((plain, index) => seal(plain, id, index, index === plainSegments.length - 1));
  const manifest: Manifest = {
    trackId: toTrackId(facts.trackId),
    durationFrames: frames(facts.durationFrames),
    loudness: facts.loudness ?? null,
    files: [
      {
        fileId: toFileId(id),
        codec: 'opus',
        bitrateKbps: kbps(160),
        preSkipFrames: frames(facts.preSkipFrames),
        segmentFrames: frames(SEGMENT_PACKETS * PACKET_FRAMES),
        segmentSizesBytes: segments.map((segment) => bytes(segment.length)),
        key: { kind: 'plain', base64: Buffer.from(KEY).toString('base64') },
      },
    ],
    edges: [],
    token: 'token-of-a-test',
    tokenExpiresAtMs: 4_000_000_000_000,
  };
  return { manifest, stored: new Uint8Array(Buffer.concat(segments)), segments, plainSegments };
}

/** Other plain segments under a track's manifest, sealed as a bridge would seal them: what media made with intent is. */
export function sealSegments(manifest: Manifest, plainSegments: readonly Uint8Array[]): StoredTrack {
  const id = createHash('sha256').update(Buffer.concat(plainSegments)).digest('hex');
  const segments = plainSegments.map((plain, index) => seal(plain, id, index, index === plainSegments.length - 1));
  const segmentSizesBytes = segments.map((segment) => bytes(segment.length));
  const files = manifest.files.map((file) => ({ ...file, fileId: toFileId(id), segmentSizesBytes }));
  return {
    manifest: { ...manifest, files },
    stored: new Uint8Array(Buffer.concat(segments)),
    segments,
    plainSegments,
  };
}

/** A track id that is easy to tell in a failure: the number, padded. */
export function trackIdOf(number: number): TrackId {
  return toTrackId(String(number).padStart(22, '0'));
}

export interface PageFacts {
  readonly flags: number;
  readonly granule: bigint;
  readonly sequence: number;
  readonly lacing: readonly number[];
  readonly body: Uint8Array;
}

/** One page with its checksum (RFC 3533 section 6). */
export function oggPage(facts: PageFacts): Uint8Array {
  const page = new Uint8Array(27 + facts.lacing.length + facts.body.length);
  const view = new DataView(page.buffer);
  page.set(Buffer.from('OggS'), 0);
  view.setUint8(5, facts.flags);
  view.setBigInt64(6, facts.granule, true);
  view.setUint32(14, SERIAL, true);
  view.setUint32(18, facts.sequence, true);
  view.setUint8(26, facts.lacing.length);
  page.set(facts.lacing, 27);
  page.set(facts.body, 27 + facts.lacing.length);
  view.setUint32(22, oggCrc(page, 0, page.length), true);
  return page;
}

function muxSegments(facts: StoredTrackFacts): Uint8Array[] {
  const pages = new PageWriter();
  const segments: Uint8Array[] = [];
  let pieces = [...pages.write([opusHead(facts.preSkipFrames)], 0n, FLAG_BEGINS), ...pages.write([opusTags()], 0n, 0)];
  for (let from = 0; from < facts.packets.length; from += SEGMENT_PACKETS) {
    const inSegment = facts.packets.slice(from, from + SEGMENT_PACKETS);
    for (let at = 0; at < inSegment.length; at += PAGE_PACKETS) {
      const onPage = inSegment.slice(at, at + PAGE_PACKETS);
      const count = from + at + onPage.length;
      const isLast = count === facts.packets.length;
      const granule = isLast ? facts.durationFrames + facts.preSkipFrames : count * PACKET_FRAMES;
      pieces.push(...pages.write(onPage, BigInt(granule), isLast ? FLAG_ENDS : 0));
    }
    segments.push(new Uint8Array(Buffer.concat(pieces)));
    pieces = [];
  }
  return segments;
}

class PageWriter {
  #sequence = 0;

  /** Packets to as many pages as their lacing needs; the granule goes to the last one. */
  write(packets: readonly Uint8Array[], granule: bigint, flags: number): Uint8Array[] {
    const lacing = packets.flatMap((packet) => [
      ...new Array<number>(Math.floor(packet.length / LACING_MAX)).fill(LACING_MAX),
      packet.length % LACING_MAX,
    ]);
    const body = new Uint8Array(Buffer.concat(packets));
    const pages: Uint8Array[] = [];
    let at = 0;
    for (let from = 0; from < lacing.length; from += LACING_MAX) {
      const values = lacing.slice(from, from + LACING_MAX);
      const length = values.reduce((sum, value) => sum + value, 0);
      const isLast = from + LACING_MAX >= lacing.length;
      const isContinued = from > 0 && lacing[from - 1] === LACING_MAX;
      pages.push(
        oggPage({
          flags: (isContinued ? FLAG_CONTINUED : 0) | (isLast ? flags : flags & FLAG_BEGINS),
          granule: isLast ? granule : -1n,
          sequence: this.#sequence,
          lacing: values,
          body: body.subarray(at, at + length),
        }),
      );
      this.#sequence += 1;
      at += length;
    }
    return pages;
  }
}

function opusHead(preSkipFrames: number): Uint8Array {
  const head = new Uint8Array(19);
  head.set(Buffer.from('OpusHead'), 0);
  const view = new DataView(head.buffer);
  view.setUint8(8, 1);
  view.setUint8(9, 2);
  view.setUint16(10, preSkipFrames, true);
  view.setUint32(12, 48_000, true);
  return head;
}

function opusTags(): Uint8Array {
  const vendor = Buffer.from('tonearm simulator');
  const tags = new Uint8Array(16 + vendor.length);
  const view = new DataView(tags.buffer);
  tags.set(Buffer.from('OpusTags'), 0);
  view.setUint32(8, vendor.length, true);
  tags.set(vendor, 12);
  return tags;
}

function seal(plain: Uint8Array, id: string, segment: number, isLast: boolean): Uint8Array {
  const nonce = Buffer.alloc(SEGMENT_NONCE_BYTES);
  nonce.writeUInt32BE(segment, SEGMENT_NONCE_BYTES - 4);
  const cipher = createCipheriv('aes-128-gcm', KEY, nonce);
  cipher.setAAD(Buffer.from(segmentAssociatedData(id, segment, isLast)));
  return new Uint8Array(Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
}
