/**
 * Packs Opus packets into an Ogg stream (RFC 7845) that is cut into segments of one second, each beginning and ending
 * with a page. The two header pages belong to the first segment. Joined, the segments are a file that any player plays.
 */
import type { Frames } from '#protocol/vocabulary/units';
import { encodeOggPage, LACING_VALUES_MAX, lacingValuesOf } from './ogg-page.ts';

const SAMPLE_RATE = 48_000;
const CHANNELS = 2;
/** Who made the stream, in its comment header. Nothing else is in there: the same sound must give the same file. */
const VENDOR = 'tonearm';

export interface OggOpusOptions {
  /** 32 bits that tell this stream from another. */
  readonly serial: number;
  readonly preSkipFrames: Frames;
  readonly packetFrames: number;
  readonly packetsPerSegment: number;
}

export class OggOpusMuxer {
  readonly #options: OggOpusOptions;
  #sequence = 0;
  #packetCount = 0;
  /** Bytes of the segment that is being filled. */
  #segment: Uint8Array[] = [];
  #segmentPackets = 0;
  #pending: Uint8Array[] = [];
  #pendingLacing = 0;

  constructor(options: OggOpusOptions) {
    this.#options = options;
    this.#writePage([opusHead(options.preSkipFrames)], 0, false);
    this.#writePage([opusTags()], 0, false);
  }

  /** @returns the segment that this packet began to follow, complete; null while one is being filled */
  add(packet: Uint8Array): Uint8Array | null {
    const { packetsPerSegment } = this.#options;
    let finished: Uint8Array | null = null;
    if (this.#segmentPackets === packetsPerSegment) {
      this.#flushPage(false, this.#granule());
      finished = this.#takeSegment();
    }
    const lacing = lacingValuesOf(packet.length);
    if (this.#pendingLacing + lacing > LACING_VALUES_MAX) this.#flushPage(false, this.#granule());
    this.#pending.push(packet);
    this.#pendingLacing += lacing;
    this.#packetCount += 1;
    this.#segmentPackets += 1;
    return finished;
  }

  /**
   * Ends the stream. At least one packet must have been added.
   * @param durationFrames of the music, without pre-skip: what a decoder gives beyond is cut off by it
   * @returns the last segment
   */
  finish(durationFrames: Frames): Uint8Array {
    if (this.#pending.length === 0) throw new Error('an Opus stream has at least one packet');
    this.#flushPage(true, this.#options.preSkipFrames + durationFrames);
    return this.#takeSegment();
  }

  #granule(): number {
    return this.#packetCount * this.#options.packetFrames;
  }

  #flushPage(isLast: boolean, granule: number): void {
    this.#writePage(this.#pending, granule, isLast);
    this.#pending = [];
    this.#pendingLacing = 0;
  }

  #writePage(packets: readonly Uint8Array[], granule: number, isLast: boolean): void {
    const { serial } = this.#options;
    const sequence = this.#sequence;
    this.#segment.push(encodeOggPage({ serial, sequence, granule, isFirst: sequence === 0, isLast, packets }));
    this.#sequence += 1;
  }

  #takeSegment(): Uint8Array {
    const pages = this.#segment;
    this.#segment = [];
    this.#segmentPackets = 0;
    return joined(pages);
  }
}

/** RFC 7845 section 5.1, mapping family 0. */
function opusHead(preSkipFrames: Frames): Uint8Array {
  const head = new Uint8Array(19);
  head.set(ascii('OpusHead'));
  const view = new DataView(head.buffer);
  view.setUint8(8, 1);
  view.setUint8(9, CHANNELS);
  view.setUint16(10, preSkipFrames, true);
  view.setUint32(12, SAMPLE_RATE, true);
  return head;
}

/** RFC 7845 section 5.2: the vendor, and no comments. */
function opusTags(): Uint8Array {
  const tags = new Uint8Array(8 + 4 + VENDOR.length + 4);
  tags.set(ascii('OpusTags'));
  new DataView(tags.buffer).setUint32(8, VENDOR.length, true);
  tags.set(ascii(VENDOR), 12);
  return tags;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
