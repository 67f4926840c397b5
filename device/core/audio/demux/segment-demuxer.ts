/**
 * A segment's bytes to packets with their places in time.
 *
 * A segment begins and ends at a page boundary between packets, so each is read on its own: there is no state to lose at
 * a seek. The bytes are untrusted: pages must belong to one stream, follow each other, add up to their granules, and
 * every length has its limit. Anything else is `demux.malformed`, never a guess.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type OggPage, parseOggPage } from './ogg-page.ts';
import { isOpusTags, opusPacketFrames, PACKET_BYTES_MAX, parseOpusHead } from './opus-packet.ts';

/** Comments with pictures can be long; a longer header than this is not ours (a whole segment is not larger). */
const HEADER_PACKET_BYTES_MAX = 256 * 1024;

export interface Packet {
  readonly bytes: Uint8Array;
  /** Stream frame (pre-skip counted) with which it begins. */
  readonly startStreamFrames: number;
  readonly frames: number;
}

export interface SegmentPlace {
  /** True for a file's first segment: the two header packets come first. */
  readonly hasHeaders: boolean;
  readonly startStreamFrames: number;
  readonly preSkipFrames: number;
}

/** @returns the audio packets in order, or `demux.malformed` */
export function demuxSegment(data: Uint8Array, place: SegmentPlace): Result<readonly Packet[], TonearmError> {
  const raw = readPackets(data, place.hasHeaders ? 2 : 0);
  if (!raw.ok) return raw;
  const [first, second] = raw.value;
  if (place.hasHeaders) {
    const head = first === undefined ? null : parseOpusHead(first.bytes);
    if (head === null) return malformed('the file does not begin with an OpusHead that can be played');
    if (head.preSkipFrames !== place.preSkipFrames) {
      return malformed(`OpusHead says a pre-skip of ${head.preSkipFrames}, the manifest ${place.preSkipFrames}`);
    }
    if (second === undefined || !isOpusTags(second.bytes)) return malformed('OpusHead is not followed by OpusTags');
  }
  return placePackets(place.hasHeaders ? raw.value.slice(2) : raw.value, place.startStreamFrames);
}

interface RawPacket {
  readonly bytes: Uint8Array;
  /** The page's granule on the last packet that ends on it. */
  readonly endGranule: number | null;
  readonly endsStream: boolean;
}

/** Pages to packets, joining those that span pages. */
function readPackets(data: Uint8Array, headerCount: number): Result<readonly RawPacket[], TonearmError> {
  const packets: RawPacket[] = [];
  let unfinished: Uint8Array[] = [];
  let previous: OggPage | null = null;
  for (let offset = 0; offset < data.length; ) {
    const parsed = parseOggPage(data, offset);
    if (!parsed.ok) return parsed;
    const page = parsed.value;
    const problem =
      streamProblem(page, offset === 0 && headerCount > 0) ?? orderProblem(page, previous, unfinished.length > 0);
    if (problem !== null) return malformed(problem);
    for (const [index, piece] of page.pieces.entries()) {
      const isLastPiece = index === page.pieces.length - 1;
      unfinished.push(piece);
      const limit = packets.length < headerCount ? HEADER_PACKET_BYTES_MAX : PACKET_BYTES_MAX;
      if (totalBytes(unfinished) > limit) return malformed(`a packet is longer than ${limit} bytes`);
      if (isLastPiece && page.isUnfinished) break;
      const endsPage = isLastPiece || (page.isUnfinished && index === page.pieces.length - 2);
      packets.push({
        bytes: join(unfinished),
        endGranule: endsPage ? page.granuleFrames : null,
        endsStream: endsPage && page.endsStream,
      });
      unfinished = [];
    }
    previous = page;
    offset += page.sizeBytes;
  }
  return unfinished.length > 0 ? malformed('the last packet is cut') : ok(packets);
}

/** A file is one stream: its first page says that it begins, and no other does (RFC 7845 section 3). */
function streamProblem({ beginsStream }: OggPage, isFirstOfFile: boolean): string | null {
  if (beginsStream === isFirstOfFile) return null;
  return isFirstOfFile
    ? 'the first page does not begin a stream'
    : 'another stream begins: chained files are not played';
}

function orderProblem(page: OggPage, previous: OggPage | null, expectsContinuation: boolean): string | null {
  if (page.isContinued !== expectsContinuation) {
    return expectsContinuation
      ? 'a packet is not continued where it should be'
      : 'a packet continues one that is not there';
  }
  if (previous === null) return null;
  if (page.serial !== previous.serial) return 'pages of more than one stream';
  if (page.sequence !== (previous.sequence + 1) >>> 0) return `page ${page.sequence} follows page ${previous.sequence}`;
  if (previous.endsStream) return 'a page follows the end of the stream';
  return null;
}

/** Counts each packet's frames from the segment's start and checks them against the granules. */
function placePackets(raw: readonly RawPacket[], startStreamFrames: number): Result<readonly Packet[], TonearmError> {
  const packets: Packet[] = [];
  let at = startStreamFrames;
  for (const { bytes, endGranule, endsStream } of raw) {
    const frames = opusPacketFrames(bytes);
    if (frames === null) return malformed(`the packet at frame ${at} is not an Opus packet`);
    packets.push({ bytes, startStreamFrames: at, frames });
    at += frames;
    // The last page may say less than was decoded: the end is trimmed there (RFC 7845 section 4.4).
    const agrees = endGranule === null || endGranule === at || (endsStream && endGranule < at);
    if (!agrees) return malformed(`granule ${endGranule} where packets add up to ${at}`);
  }
  return ok(packets);
}

function totalBytes(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return first;
  const joined = new Uint8Array(totalBytes(pieces));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}

function malformed(problem: string): Result<never, TonearmError> {
  return refused(new TonearmError('demux.malformed', `segment: ${problem}`));
}
