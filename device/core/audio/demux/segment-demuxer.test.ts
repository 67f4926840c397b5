import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oggPage, storeTrack, trackIdOf } from '#sim/speakers/ogg-segments';
import { rampPacket } from '#sim/speakers/ramp-decoder';
import { rampTrack } from '#sim/speakers/ramp-track';
import { oggCrc } from './ogg-crc.ts';
import { opusPacketFrames } from './opus-packet.ts';
import { demuxSegment } from './segment-demuxer.ts';

const MIDDLE = { hasHeaders: false, startStreamFrames: 48_000, preSkipFrames: 312 };
const FIRST = { hasHeaders: true, startStreamFrames: 0, preSkipFrames: 312 };

function segmentsOf(packetBytes: number): readonly Uint8Array[] {
  return rampTrack(1, 3 * 48_000, { packetBytes }).plainSegments;
}

function codeOf(outcome: ReturnType<typeof demuxSegment>): string {
  return outcome.ok ? `read ${outcome.value.length} packets` : outcome.error.code;
}

function mustHave<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the test has none');
  return value;
}

describe('demuxSegment', () => {
  it('gives each packet with its place, with and without headers', () => {
    const [first, second] = segmentsOf(60);
    const headed = demuxSegment(mustHave(first), FIRST);
    expect(headed.ok && headed.value.map((packet) => packet.startStreamFrames)).toEqual(
      Array.from({ length: 50 }, (_, index) => index * 960),
    );
    const middle = demuxSegment(mustHave(second), MIDDLE);
    expect(middle.ok && middle.value[0]).toMatchObject({ startStreamFrames: 48_000, frames: 960 });
    expect(middle.ok && middle.value[0]?.bytes).toEqual(rampPacket(1, 50, 60));
  });

  it('joins packets that go on over pages, whatever their size', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 7, max: 61_440 }), { minLength: 1, maxLength: 5 }), (sizes) => {
        const packets = sizes.map((size, index) => rampPacket(1, index, size));
        const { plainSegments } = storeTrack({
          trackId: trackIdOf(1),
          packets,
          durationFrames: packets.length * 960 - 312,
          preSkipFrames: 312,
        });
        const read = demuxSegment(mustHave(plainSegments[0]), FIRST);
        expect(read.ok && read.value.map((packet) => packet.bytes)).toEqual(packets);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses a packet longer than any may be', () => {
    const { plainSegments } = storeTrack({
      trackId: trackIdOf(1),
      packets: [rampPacket(1, 0, 61_441)],
      durationFrames: 600,
      preSkipFrames: 312,
    });
    expect(codeOf(demuxSegment(mustHave(plainSegments[0]), FIRST))).toBe('demux.malformed');
  });

  it('refuses any flipped bit: checksum, structure or both', () => {
    const good = mustHave(segmentsOf(40)[1]);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(7), (at, bit) => {
        const bad = good.slice();
        bad[at] = (bad[at] ?? 0) ^ (1 << bit);
        expect(codeOf(demuxSegment(bad, MIDDLE))).toBe('demux.malformed');
      }),
    );
  });

  it('refuses a segment cut anywhere but between pages, and reads nothing beyond what is there', () => {
    const good = mustHave(segmentsOf(40)[1]);
    const whole = [1, 2].map((pages) => pageEnd(good, pages));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: good.length - 1 }), (length) => {
        const outcome = demuxSegment(good.slice(0, length), MIDDLE);
        expect(outcome.ok).toBe(whole.includes(length));
      }),
    );
  });

  it('ends in an answer, whatever it is fed', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }),
      fc
        .record({
          flags: fc.nat(7),
          granule: fc.bigInt({ min: -2n, max: 2n ** 62n }),
          sequence: fc.nat(5),
          lacing: fc.array(fc.nat(255), { maxLength: 255 }),
        })
        .map((facts) =>
          oggPage({ ...facts, body: new Uint8Array(facts.lacing.reduce((a, b) => a + b, 0)).fill(0xfc) }),
        ),
    );
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 4 }), fc.boolean(), (parts, hasHeaders) => {
        const outcome = demuxSegment(new Uint8Array(Buffer.concat(parts)), { ...MIDDLE, hasHeaders });
        if (!outcome.ok) expect(outcome.error.code).toBe('demux.malformed');
      }),
      { numRuns: 300 },
    );
  });

  it('refuses pages out of order, of another stream, or after the end', () => {
    const packet = rampPacket(1, 0, 40);
    const page = (sequence: number, flags = 0) =>
      oggPage({ flags, granule: -1n, sequence, lacing: [40], body: packet });
    const join = (...pages: Uint8Array[]) => new Uint8Array(Buffer.concat(pages));
    expect(codeOf(demuxSegment(join(page(4), page(5)), MIDDLE))).toBe('read 2 packets');
    expect(codeOf(demuxSegment(join(page(4), page(6)), MIDDLE))).toBe('demux.malformed');
    expect(codeOf(demuxSegment(join(page(4, 4), page(5)), MIDDLE))).toBe('demux.malformed');
    expect(codeOf(demuxSegment(page(4, 1), MIDDLE))).toBe('demux.malformed');
    const foreign = page(5);
    new DataView(foreign.buffer).setUint32(14, 99, true);
    new DataView(foreign.buffer).setUint32(22, oggCrc(foreign, 0, foreign.length), true);
    expect(codeOf(demuxSegment(join(page(4), foreign), MIDDLE))).toBe('demux.malformed');
  });

  it('refuses headers that say something else than the manifest', () => {
    const first = mustHave(segmentsOf(40)[0]);
    expect(codeOf(demuxSegment(first, { ...FIRST, preSkipFrames: 313 }))).toBe('demux.malformed');
    expect(codeOf(demuxSegment(mustHave(segmentsOf(40)[1]), FIRST))).toBe('demux.malformed');
    expect(codeOf(demuxSegment(first, { ...FIRST, startStreamFrames: 960 }))).toBe('demux.malformed');
  });
});

describe('opusPacketFrames', () => {
  it('reads the table of RFC 6716', () => {
    const frames = (configuration: number, code: number, more: number[] = []) =>
      opusPacketFrames(Uint8Array.of((configuration << 3) | code, ...more));
    expect([0, 1, 2, 3].map((configuration) => frames(configuration, 0))).toEqual([480, 960, 1_920, 2_880]);
    expect([12, 13].map((configuration) => frames(configuration, 0))).toEqual([480, 960]);
    expect([28, 29, 30, 31].map((configuration) => frames(configuration, 0))).toEqual([120, 240, 480, 960]);
    expect([frames(31, 1), frames(31, 2), frames(31, 3, [6])]).toEqual([1_920, 1_920, 5_760]);
    expect([frames(31, 3, [0]), frames(31, 3, [7]), frames(31, 3), opusPacketFrames(new Uint8Array(0))]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('oggCrc', () => {
  it('agrees with its definition, bit by bit', () => {
    const page = new Uint8Array(27);
    page.set(Buffer.from('OggS'));
    page[14] = 1;
    expect(oggCrc(page, 0, 27)).toBe(bitwiseCrc(page));
  });
});

/** The definition, bit by bit, to check the table against. */
function bitwiseCrc(data: Uint8Array): number {
  let crc = 0;
  for (const byte of data) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000_0000) !== 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

/** Bytes of the first `count` pages. */
function pageEnd(segment: Uint8Array, count: number): number {
  let at = 0;
  for (let page = 0; page < count; page += 1) {
    const lacingCount = segment[at + 26] ?? 0;
    const body = segment.subarray(at + 27, at + 27 + lacingCount).reduce((sum, value) => sum + value, 0);
    at += 27 + lacingCount + body;
  }
  return at;
}
