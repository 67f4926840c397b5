/**
 * One Ogg page (RFC 3533 section 6), read from bytes that nobody vouches for. A record out or a reason, no state, no I/O.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { CRC_OFFSET, oggCrc } from './ogg-crc.ts';

const HEADER_BYTES = 27;
const CAPTURE_PATTERN = 0x4f676753; // 'OggS'
const FLAG_CONTINUED = 1;
const FLAG_BEGINS_STREAM = 2;
const FLAG_ENDS_STREAM = 4;
/** A lacing value of 255 says that the packet goes on (RFC 3533 section 5). */
const LACING_GOES_ON = 255;

export interface OggPage {
  readonly isContinued: boolean;
  readonly beginsStream: boolean;
  readonly endsStream: boolean;
  /** Stream frames at the end of the last packet that ends on this page; null when none does. */
  readonly granuleFrames: number | null;
  readonly serial: number;
  readonly sequence: number;
  /** The pieces of packets on this page, in order. */
  readonly pieces: readonly Uint8Array[];
  /** The last piece goes on at the next page. */
  readonly isUnfinished: boolean;
  readonly sizeBytes: number;
}

/** @returns the page at `offset`, or `demux.malformed` */
export function parseOggPage(data: Uint8Array, offset: number): Result<OggPage, TonearmError> {
  const left = data.length - offset;
  if (left < HEADER_BYTES) return malformed(offset, `${left} bytes are too few for a page's header`);
  const view = new DataView(data.buffer, data.byteOffset + offset, left);
  if (view.getUint32(0) !== CAPTURE_PATTERN) return malformed(offset, 'no page begins here');
  if (view.getUint8(4) !== 0) return malformed(offset, `unknown version ${view.getUint8(4)}`);
  const segmentCount = view.getUint8(26);
  const bodyOffset = HEADER_BYTES + segmentCount;
  if (left < bodyOffset) return malformed(offset, 'the lacing table is cut');
  let bodyBytes = 0;
  for (let index = 0; index < segmentCount; index += 1) bodyBytes += view.getUint8(HEADER_BYTES + index);
  const sizeBytes = bodyOffset + bodyBytes;
  if (left < sizeBytes) return malformed(offset, 'the body is cut');
  if (oggCrc(data, offset, sizeBytes) !== view.getUint32(CRC_OFFSET, true)) {
    return malformed(offset, 'the checksum does not match');
  }
  const granule = view.getBigInt64(6, true);
  if (granule < -1n || granule > BigInt(Number.MAX_SAFE_INTEGER)) return malformed(offset, 'an impossible granule');
  const flags = view.getUint8(5);
  const lacing = data.subarray(offset + HEADER_BYTES, offset + bodyOffset);
  return ok({
    isContinued: (flags & FLAG_CONTINUED) !== 0,
    beginsStream: (flags & FLAG_BEGINS_STREAM) !== 0,
    endsStream: (flags & FLAG_ENDS_STREAM) !== 0,
    granuleFrames: granule === -1n ? null : Number(granule),
    serial: view.getUint32(14, true),
    sequence: view.getUint32(18, true),
    pieces: splitByLacing(lacing, data.subarray(offset + bodyOffset, offset + sizeBytes)),
    isUnfinished: lacing.at(-1) === LACING_GOES_ON,
    sizeBytes,
  });
}

function splitByLacing(lacing: Uint8Array, body: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  let to = 0;
  for (const value of lacing) {
    to += value;
    if (value === LACING_GOES_ON) continue;
    pieces.push(body.subarray(from, to));
    from = to;
  }
  if (lacing.at(-1) === LACING_GOES_ON) pieces.push(body.subarray(from, to));
  return pieces;
}

function malformed(offset: number, problem: string): Result<never, TonearmError> {
  return refused(
    new TonearmError('demux.malformed', `Ogg page at byte ${offset}: ${problem}`, { context: { offset } }),
  );
}
