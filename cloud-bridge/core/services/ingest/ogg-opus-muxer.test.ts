import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frames } from '#protocol/vocabulary/units';
import { OggOpusMuxer } from './ogg-opus-muxer.ts';
import { encodeOggPage, LACING_VALUES_MAX, oggChecksum } from './ogg-page.ts';

const PACKETS_PER_SEGMENT = 5;
const PACKET_FRAMES = 960;
const PRE_SKIP = frames(312);

interface ReadPage {
  readonly flags: number;
  readonly granule: number;
  readonly sequence: number;
  readonly packets: readonly Uint8Array[];
}

/** Reads pages by the letter of RFC 3533, and refuses what it does not allow. */
function readPages(bytes: Uint8Array): readonly ReadPage[] {
  const pages: ReadPage[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 0; offset < bytes.length; ) {
    expect(String.fromCharCode(...bytes.subarray(offset, offset + 4))).toBe('OggS');
    const count = view.getUint8(offset + 26);
    const lacing = [...bytes.subarray(offset + 27, offset + 27 + count)];
    const end = offset + 27 + count + lacing.reduce((sum, value) => sum + value, 0);
    expect(oggChecksum(bytes.subarray(offset, end))).toBe(view.getUint32(offset + 22, true));
    const packets: Uint8Array[] = [];
    let start = offset + 27 + count;
    let length = 0;
    for (const value of lacing) {
      length += value;
      if (value === 255) continue;
      packets.push(bytes.subarray(start, start + length));
      start += length;
      length = 0;
    }
    expect(length, 'a packet runs over the end of its page').toBe(0);
    pages.push({
      flags: view.getUint8(offset + 5),
      granule: Number(view.getBigInt64(offset + 6, true)),
      sequence: view.getUint32(offset + 18, true),
      packets,
    });
    offset = end;
  }
  return pages;
}

function mux(packets: readonly Uint8Array[], durationFrames: number): readonly Uint8Array[] {
  const muxer = new OggOpusMuxer({
    serial: 7,
    preSkipFrames: PRE_SKIP,
    packetFrames: PACKET_FRAMES,
    packetsPerSegment: PACKETS_PER_SEGMENT,
  });
  const segments = packets.flatMap((packet) => muxer.add(packet) ?? []);
  return [...segments, muxer.finish(frames(durationFrames))];
}

const packetList = fc.array(fc.uint8Array({ minLength: 1, maxLength: 1_275 }), { minLength: 1, maxLength: 40 });

describe('an Ogg Opus stream', () => {
  it('gives its packets back, segment by segment, whatever their sizes', () => {
    fc.assert(
      fc.property(packetList, (packets) => {
        const duration = packets.length * PACKET_FRAMES - PRE_SKIP;
        const segments = mux(packets, duration);
        expect(segments).toHaveLength(Math.ceil(packets.length / PACKETS_PER_SEGMENT));
        const read = segments.map(readPages);
        const pages = read.flat();
        expect(pages.map((page) => page.sequence)).toEqual(pages.map((_, index) => index));
        expect(pages.flatMap((page) => page.packets).slice(2)).toEqual(packets);
        for (const [index, segment] of read.entries()) {
          const found = segment.flatMap((page) => page.packets).length - (index === 0 ? 2 : 0);
          const left = packets.length - index * PACKETS_PER_SEGMENT;
          expect(found).toBe(Math.min(PACKETS_PER_SEGMENT, left));
        }
      }),
    );
  });

  it('counts frames on every page, and ends where the music ends', () => {
    const packets = Array.from({ length: 12 }, () => new Uint8Array(300));
    const pages = mux(packets, 11_000).flatMap(readPages);
    expect(pages.map((page) => page.granule)).toEqual([0, 0, 5 * 960, 10 * 960, 312 + 11_000]);
    expect(pages.map((page) => page.flags)).toEqual([2, 0, 0, 0, 4]);
  });

  it('begins with the headers of RFC 7845', () => {
    const [head, tags] = mux([new Uint8Array(3)], 100).flatMap(readPages);
    expect([...(head?.packets[0] ?? [])]).toEqual([
      ...[0x4f, 0x70, 0x75, 0x73, 0x48, 0x65, 0x61, 0x64, 1, 2, 0x38, 0x01, 0x80, 0xbb, 0, 0, 0, 0, 0],
    ]);
    expect(String.fromCharCode(...(tags?.packets[0]?.subarray(0, 8) ?? []))).toBe('OpusTags');
  });

  it('starts a new page within a segment when packets are too large for one', () => {
    const packets = Array.from({ length: PACKETS_PER_SEGMENT }, () => new Uint8Array(1_275 * 12));
    const pages = mux(packets, 4_000).flatMap(readPages);
    expect(pages.slice(2).map((page) => page.packets.length)).toEqual([4, 1]);
  });
});

describe('an Ogg page', () => {
  it('has a checksum that a flipped bit breaks', () => {
    const packets = [Uint8Array.of(1, 2, 3)];
    const page = encodeOggPage({ serial: 1, sequence: 0, granule: 0, isFirst: true, isLast: false, packets });
    const written = new DataView(page.buffer).getUint32(22, true);
    expect(oggChecksum(page)).toBe(written);
    page[page.length - 1] = 2;
    expect(oggChecksum(page)).not.toBe(written);
  });

  it('is refused when the packets do not fit', () => {
    const packets = Array.from({ length: LACING_VALUES_MAX + 1 }, () => new Uint8Array(1));
    const page = { serial: 1, sequence: 0, granule: 0, isFirst: false, isLast: false, packets };
    expect(() => encodeOggPage(page)).toThrow(RangeError);
  });
});
