/** How much of an object is its head. */
import { type Bytes, bytes } from '#protocol/vocabulary/units';

/** @returns bytes of the first `headSegments` sealed segments; all of a shorter file */
export function headBytesOf(segmentSizesBytes: readonly Bytes[], headSegments: number): Bytes {
  return bytes(segmentSizesBytes.slice(0, headSegments).reduce((sum, size) => sum + size, 0));
}
