import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frames } from '#protocol/vocabulary/units';
import { rampTrack } from '#sim/speakers/ramp-track';
import {
  byteRangeOf,
  endStreamFrames,
  PRE_ROLL_FRAMES,
  planDecodeStart,
  planSegments,
  type SegmentPlan,
  segmentAt,
  segmentStartPosition,
  segmentStartStreamFrames,
} from './segment-plan.ts';

const SEGMENT = 48_000;

function planOf(durationFrames: number): SegmentPlan {
  const { files } = rampTrack(1, durationFrames, { packetBytes: 10 }).manifest;
  const planned = planSegments(mustHave(files[0]), frames(durationFrames));
  if (!planned.ok) throw planned.error;
  return planned.value;
}

const track = fc.integer({ min: 1, max: 6 * SEGMENT }).map((duration) => ({ duration, plan: planOf(duration) }));
const trackAndPosition = track.chain(({ duration, plan }) =>
  fc.record({ plan: fc.constant(plan), position: fc.integer({ min: 0, max: duration - 1 }) }),
);

describe('a segment plan', () => {
  it('puts every position in the segment whose frames hold it', () => {
    fc.assert(
      fc.property(trackAndPosition, ({ plan, position }) => {
        const segment = segmentAt(plan, frames(position));
        const stream = position + plan.file.preSkipFrames;
        expect(segmentStartStreamFrames(plan, segment)).toBeLessThanOrEqual(stream);
        expect(segmentStartStreamFrames(plan, segment) + plan.file.segmentFrames).toBeGreaterThan(stream);
        expect(segment).toBeLessThan(plan.segmentCount);
        expect(segmentStartPosition(plan, segment)).toBeLessThanOrEqual(position);
      }),
    );
  });

  it('begins to decode at least the pre-roll before what is heard, or at the very start', () => {
    fc.assert(
      fc.property(trackAndPosition, ({ plan, position }) => {
        const start = planDecodeStart(plan, frames(position));
        expect(start.hearFromStreamFrames).toBe(position + plan.file.preSkipFrames);
        const rolled = start.hearFromStreamFrames - start.decodeFromStreamFrames;
        expect(rolled === PRE_ROLL_FRAMES || start.decodeFromStreamFrames === 0).toBe(true);
        expect(segmentStartStreamFrames(plan, start.segment)).toBeLessThanOrEqual(start.decodeFromStreamFrames);
        expect(segmentStartStreamFrames(plan, start.segment + 1)).toBeGreaterThan(start.decodeFromStreamFrames);
      }),
    );
  });

  it('covers the stored object exactly, whatever spans it is fetched in', () => {
    fc.assert(
      fc.property(track, fc.infiniteStream(fc.integer({ min: 1, max: 4 })), ({ plan }, lengths) => {
        let offset = 0;
        for (let from = 0; from < plan.segmentCount; ) {
          const to = Math.min(plan.segmentCount, from + (lengths.next().value ?? 1));
          const range = byteRangeOf(plan, { from, to });
          expect(range.offset).toBe(offset);
          offset += range.length;
          from = to;
        }
        expect(offset).toBe(plan.offsetsBytes.at(-1));
      }),
    );
  });

  it('gives a span the bytes of its segments and no others, and an impossible span none', () => {
    const spans = track.chain((it) =>
      fc.record({
        plan: fc.constant(it.plan),
        from: fc.integer({ min: -2, max: 8 }),
        to: fc.integer({ min: -2, max: 9 }),
      }),
    );
    fc.assert(
      fc.property(spans, ({ plan, from, to }) => {
        const isPossible = from >= 0 && to <= plan.segmentCount && from < to;
        if (!isPossible) {
          expect(() => byteRangeOf(plan, { from, to })).toThrow(RangeError);
          return;
        }
        const sizes = plan.file.segmentSizesBytes;
        const sum = (part: readonly number[]): number => part.reduce((total, size) => total + size, 0);
        expect(byteRangeOf(plan, { from, to })).toEqual({
          offset: sum(sizes.slice(0, from)),
          length: sum(sizes.slice(from, to)),
        });
      }),
    );
  });

  it('ends where duration and pre-skip end', () => {
    expect(endStreamFrames(planOf(1_000))).toBe(1_312);
    expect(segmentAt(planOf(1_000), frames(99_999_999))).toBe(0);
  });

  it('refuses a manifest that contradicts itself, by field', () => {
    const { files } = rampTrack(1, 1_000).manifest;
    const tooLong = planSegments(mustHave(files[0]), frames(SEGMENT));
    expect(tooLong.ok ? null : [tooLong.error.code, tooLong.error.field]).toEqual([
      'fetch.unexpected-answer',
      'durationFrames',
    ]);
  });
});

function mustHave<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the test has none');
  return value;
}
