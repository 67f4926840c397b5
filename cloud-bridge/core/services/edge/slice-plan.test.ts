import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes } from '#protocol/vocabulary/units';
import { partOfSlice, planSlices, sliceCount, sliceLength } from './slice-plan.ts';

const SLICE = bytes(64);

describe('the slices of a range', () => {
  it('joined by their parts are the range, byte for byte', () => {
    const ranges = fc
      .integer({ min: 1, max: 1_000 })
      .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 })))
      .chain(([size, offset]) =>
        fc.tuple(fc.constant(size), fc.constant(offset), fc.integer({ min: 1, max: size - offset })),
      );
    fc.assert(
      fc.property(ranges, ([size, offset, length]) => {
        const object = Uint8Array.from({ length: size }, (_, at) => at & 0xff);
        const span = planSlices({ offset, length }, SLICE);
        const joined: number[] = [];
        for (let index = span.first; index <= span.last; index += 1) {
          const start = index * SLICE;
          const slice = object.subarray(start, start + sliceLength(index, bytes(size), SLICE));
          const { from, to } = partOfSlice({ offset, length }, index, SLICE);
          expect(to - from).toBeGreaterThan(0);
          expect(to).toBeLessThanOrEqual(slice.length);
          joined.push(...slice.subarray(from, to));
        }
        expect(joined).toEqual([...object.subarray(offset, offset + length)]);
        expect(span.last).toBeLessThan(sliceCount(bytes(size), SLICE));
      }),
    );
  });

  it('of an object end where it ends', () => {
    expect([0, 1, 2, 3].map((index) => sliceLength(index, bytes(130), SLICE))).toEqual([64, 64, 2, 0]);
    expect([1, 64, 65].map((size) => sliceCount(bytes(size), SLICE))).toEqual([1, 1, 2]);
  });
});
