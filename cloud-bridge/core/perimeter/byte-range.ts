/**
 * Which bytes of a file a request wants (RFC 9110 section 14). Stricter than the RFC, which lets a server answer an odd
 * `Range` with the whole file: a speaker that asked for 200 kB and got 10 MB is worse off than one that got a refusal.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';

/** Bytes `offset` to `offset + length`, exclusive; `isPart` when the request named a range. */
export interface ByteRange {
  readonly isPart: boolean;
  readonly offset: number;
  readonly length: number;
}

/** One range of plain digits: 15 of them stay below 2^53. Several ranges, other units and spaces are refused. */
const SINGLE_RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * @param header the request's `Range`, if any
 * @param sizeBytes of the file, at least 1
 * @returns `content.range-refused` for what is malformed or begins past the end
 */
export function chooseByteRange(header: string | undefined, sizeBytes: number): Result<ByteRange, TonearmError> {
  if (header === undefined) return ok({ isPart: false, offset: 0, length: sizeBytes });
  const match = SINGLE_RANGE.exec(header);
  const from = match?.[1] ?? '';
  const to = match?.[2] ?? '';
  if (from === '' && to === '') return refuse(`not one range of bytes: ${JSON.stringify(header.slice(0, 80))}`);
  if (from === '') return suffix(Number(to), sizeBytes);
  const first = Number(from);
  if (first >= sizeBytes) return refuse(`begins at ${first}, the file has ${sizeBytes} bytes`);
  const last = to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (last < first) return refuse('ends before it begins');
  return ok({ isPart: true, offset: first, length: last - first + 1 });
}

/** `bytes=-n`: the last n. */
function suffix(wanted: number, sizeBytes: number): Result<ByteRange, TonearmError> {
  if (wanted === 0) return refuse('the last 0 bytes are none');
  const length = Math.min(wanted, sizeBytes);
  return ok({ isPart: true, offset: sizeBytes - length, length });
}

function refuse(why: string): Result<never, TonearmError> {
  return refused(new TonearmError('content.range-refused', `range: ${why}`, { field: 'range' }));
}
