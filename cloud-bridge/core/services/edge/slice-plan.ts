/**
 * Which slices a range of bytes lies in. An edge fetches and keeps slices of one fixed size, aligned, the last one shorter:
 * so that two ranges that overlap are the same slices, and a cache has no fragments to account for.
 */
import type { ByteRange } from '#bridge/core/perimeter/byte-range';
import { type Bytes, bytes } from '#protocol/vocabulary/units';

/**
 * A slice of a file: 6 to 13 s of music at 320 or 160 kbit/s. Smaller ones cost the origin a request per segment that a
 * speaker asks for, larger ones let it wait (and a skip waste) for more than it wants.
 */
export const SLICE_BYTES = bytes(256 * 1024);
/** A slice of a head: those of the lowest quality have 10 kB, those of the highest 150 kB. */
export const HEAD_SLICE_BYTES = bytes(32 * 1024);

/** Slices `first` to `last`, both included. */
export interface SliceSpan {
  readonly first: number;
  readonly last: number;
}

/** @param range at least one byte */
export function planSlices(range: Pick<ByteRange, 'offset' | 'length'>, sliceBytes: Bytes): SliceSpan {
  return {
    first: Math.floor(range.offset / sliceBytes),
    last: Math.floor((range.offset + range.length - 1) / sliceBytes),
  };
}

/** How many slices an object has. */
export function sliceCount(objectBytes: Bytes, sliceBytes: Bytes): number {
  return Math.ceil(objectBytes / sliceBytes);
}

/** The part of slice `index` that belongs to a range, as offsets in the slice, the end excluded. */
export function partOfSlice(
  range: Pick<ByteRange, 'offset' | 'length'>,
  index: number,
  sliceBytes: Bytes,
): { readonly from: number; readonly to: number } {
  const start = index * sliceBytes;
  return {
    from: Math.max(0, range.offset - start),
    to: Math.min(sliceBytes, range.offset + range.length - start),
  };
}

/** How long slice `index` of an object is; 0 when it has none of that number. */
export function sliceLength(index: number, objectBytes: Bytes, sliceBytes: Bytes): Bytes {
  return bytes(Math.max(0, Math.min(sliceBytes, objectBytes - index * sliceBytes)));
}
