/** The demuxer over bytes that nobody vouches for: an answer, never an exception, and what it lets through keeps its limits. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oggPage } from '#sim/speakers/ogg-segments';
import { rampPacket } from '#sim/speakers/ramp-decoder';
import { rampTrack } from '#sim/speakers/ramp-track';
import { CRC_OFFSET, oggCrc } from './ogg-crc.ts';
import { opusPacketFrames, PACKET_BYTES_MAX, PACKET_FRAMES_MAX } from './opus-packet.ts';
import { demuxSegment, type SegmentPlace } from './segment-demuxer.ts';

const FIRST: SegmentPlace = { hasHeaders: true, startStreamFrames: 0, preSkipFrames: 312 };
const MIDDLE: SegmentPlace = { hasHeaders: false, startStreamFrames: 48_000, preSkipFrames: 312 };
const [HEADED, PLAIN] = rampTrack(1, 3 * 48_000, { packetBytes: 60 }).plainSegments;

function mustHave<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the test has none');
  return value;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Makes every page's checksum right again, so that what was changed is read as it stands. */
function withRightChecksums(segment: Uint8Array): Uint8Array {
  for (let at = 0; at + 27 <= segment.length; ) {
    const view = new DataView(segment.buffer, segment.byteOffset + at);
    const count = view.getUint8(26);
    const body = segment.subarray(at + 27, at + 27 + count).reduce((sum, value) => sum + value, 0);
    const size = 27 + count + body;
    if (at + size > segment.length) break;
    view.setUint32(CRC_OFFSET, oggCrc(segment, at, size), true);
    at += size;
  }
  return segment;
}

/** Whatever it was fed: refused by name, or packets that follow each other and keep their limits. */
function expectAnAnswer(data: Uint8Array, place: SegmentPlace): boolean {
  const outcome = demuxSegment(data, place);
  if (!outcome.ok) {
    expect(outcome.error.code).toBe('demux.malformed');
    return false;
  }
  let at = place.startStreamFrames;
  for (const packet of outcome.value) {
    expect(packet.startStreamFrames).toBe(at);
    expect(packet.bytes.length).toBeLessThanOrEqual(PACKET_BYTES_MAX);
    expect(packet.frames > 0 && packet.frames <= PACKET_FRAMES_MAX).toBe(true);
    at += packet.frames;
  }
  return true;
}

function problemOf(data: Uint8Array, place: SegmentPlace): string {
  const outcome = demuxSegment(data, place);
  return outcome.ok ? 'none' : outcome.error.message;
}

describe('the demuxer over untrusted bytes', () => {
  it('answers to anything that begins like a page', () => {
    const page = Uint8Array.from(Buffer.from('OggS'));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), fc.boolean(), (noise, hasHeaders) => {
        expectAnAnswer(withRightChecksums(joined(page, noise)), hasHeaders ? FIRST : MIDDLE);
      }),
      { numRuns: 500 },
    );
  });

  it('answers to segments with bytes changed, taken out and put in, checksums being right', () => {
    const change = fc.record({
      kind: fc.constantFrom('set', 'cut', 'insert'),
      at: fc.nat(PLAIN?.length ?? 0),
      value: fc.nat(255),
    });
    let read = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean(), (changes, hasHeaders) => {
        let data: Uint8Array = mustHave(hasHeaders ? HEADED : PLAIN).slice();
        for (const { kind, at, value } of changes) {
          const rest = data.subarray(kind === 'insert' ? at : at + 1);
          data = joined(data.subarray(0, at), kind === 'cut' ? new Uint8Array(0) : Uint8Array.of(value), rest);
        }
        if (expectAnAnswer(withRightChecksums(data), hasHeaders ? FIRST : MIDDLE)) read += 1;
      }),
      { numRuns: 600 },
    );
    // A changed byte of music is the cipher's to notice; so many of the changes get through that the rest was tried.
    expect(read).toBeGreaterThan(20);
  });

  it('reads packets of every length at the limits of lacing', () => {
    for (const length of [1, 254, 255, 256, 509, 510, 511, PACKET_BYTES_MAX]) {
      const packet = new Uint8Array(length).fill(0xfc);
      const lacing = [...new Array<number>(Math.floor(length / 255)).fill(255), length % 255];
      const page = oggPage({ flags: 0, granule: 48_960n, sequence: 3, lacing, body: packet });
      const outcome = demuxSegment(page, MIDDLE);
      expect(outcome.ok && outcome.value.map(({ bytes }) => bytes.length)).toEqual([length]);
    }
  });

  it('refuses an empty packet, a lacing table without end, and one more byte than a packet may have', () => {
    const page = (lacing: number[]) =>
      oggPage({
        flags: 0,
        granule: -1n,
        sequence: 3,
        lacing,
        body: new Uint8Array(lacing.reduce((sum, value) => sum + value, 0)).fill(0xfc),
      });
    expect(problemOf(page([0]), MIDDLE)).toContain('is not an Opus packet');
    expect(problemOf(page([255, 255]), MIDDLE)).toContain('the last packet is cut');
    const tooLong = [...new Array<number>(240).fill(255), 241];
    expect(problemOf(page(tooLong), MIDDLE)).toContain('longer than 61440 bytes');
  });

  it('bounds the comment header', () => {
    const head = oggPage({ flags: 2, granule: 0n, sequence: 0, lacing: [19], body: opusHead() });
    const tags = (size: number): Uint8Array[] => {
      const body = new Uint8Array(size);
      body.set(Buffer.from('OpusTags'));
      const pages: Uint8Array[] = [];
      for (let at = 0, sequence = 1; at < size; at += 255 * 255, sequence += 1) {
        const part = body.subarray(at, Math.min(size, at + 255 * 255));
        const isLast = at + 255 * 255 > size;
        const lacing = new Array<number>(Math.floor(part.length / 255)).fill(255);
        if (isLast) lacing.push(part.length % 255);
        pages.push(oggPage({ flags: at > 0 ? 1 : 0, granule: isLast ? 0n : -1n, sequence, lacing, body: part }));
      }
      return pages;
    };
    expect(problemOf(joined(head, ...tags(200_000)), FIRST)).toBe('none');
    expect(problemOf(joined(head, ...tags(256 * 1024 + 1)), FIRST)).toContain('longer than 262144 bytes');
    expect(problemOf(joined(head, head), FIRST)).toContain('chained');
  });

  it('refuses chained and multiplexed streams by name', () => {
    const packet = rampPacket(1, 0, 40);
    const page = (sequence: number, flags: number) =>
      oggPage({ flags, granule: -1n, sequence, lacing: [40], body: packet });
    expect(problemOf(joined(page(3, 0), page(4, 2)), MIDDLE)).toContain('chained files are not played');
    expect(problemOf(joined(page(3, 4), page(4, 0)), MIDDLE)).toContain('follows the end of the stream');
    expect(problemOf(page(3, 2), MIDDLE)).toContain('chained');
    const headed = mustHave(HEADED).slice();
    headed[5] = 0;
    expect(problemOf(withRightChecksums(headed), FIRST)).toContain('does not begin a stream');
  });

  it('finds in any packet a length that is allowed, or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), (packet) => {
        const frames = opusPacketFrames(packet);
        expect(frames === null || (frames >= 120 && frames <= PACKET_FRAMES_MAX)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

function opusHead(): Uint8Array {
  const head = new Uint8Array(19);
  head.set(Buffer.from('OpusHead'));
  head.set([1, 2, 0x38, 0x01], 8);
  return head;
}
