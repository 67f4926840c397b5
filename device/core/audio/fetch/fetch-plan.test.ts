import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frames } from '#protocol/vocabulary/units';
import {
  HEAD_SEGMENTS,
  NEXT_HEAD_SEGMENTS,
  planHorizon,
  planRequest,
  REQUEST_BYTES_MAX,
  REQUEST_SEGMENTS_MAX,
} from './fetch-plan.ts';

const SECOND = frames(48_000);

function request(held: readonly number[], inFlight: readonly number[], requestsInFlight: number, to = 40) {
  return planRequest({
    wanted: { from: 5, to },
    isHeld: (segment) => held.includes(segment),
    isInFlight: (segment) => inFlight.includes(segment),
    requestsInFlight,
    isUrgent: held.length === 0,
    segmentSizesBytes: new Array<number>(60).fill(20_000),
    headSegments: 3,
  });
}

describe('planRequest', () => {
  it('begins small', () => {
    expect(request([], [], 0)).toEqual({ from: 5, to: 5 + HEAD_SEGMENTS });
  });

  it('then asks for full requests, two at a time', () => {
    expect(request([5, 6], [], 0)).toEqual({ from: 7, to: 15 });
    expect(request([5, 6], [7, 8, 9, 10, 11, 12, 13, 14], 1)).toEqual({ from: 15, to: 23 });
    expect(request([5], [6], 2)).toBeNull();
  });

  it('fills holes without asking twice for what surrounds them', () => {
    expect(request([5, 6, 7, 9, 10], [], 0)).toEqual({ from: 8, to: 9 });
  });

  it('asks for the beginning of a track as its head object, and for no more with it', () => {
    const view = { isHeld: () => false, isInFlight: () => false, requestsInFlight: 0, isUrgent: true };
    const sizes = new Array<number>(60).fill(20_000);
    const begin = (headSegments: number, to: number) =>
      planRequest({ ...view, wanted: { from: 0, to }, segmentSizesBytes: sizes, headSegments });
    expect(begin(3, 40)).toEqual({ from: 0, to: 3 });
    expect(begin(0, 40)).toEqual({ from: 0, to: HEAD_SEGMENTS });
    expect(begin(3, 1)).toEqual({ from: 0, to: 1 });
  });

  it('asks for nothing when all is held', () => {
    expect(request([5, 6, 7], [], 0, 8)).toBeNull();
    expect(request([], [], 0, 5)).toBeNull();
  });

  it('never asks for what is held, under way or not wanted, and keeps to its limits', () => {
    const sets = fc.record({
      held: fc.uniqueArray(fc.nat(59)),
      inFlight: fc.uniqueArray(fc.nat(59)),
      from: fc.nat(59),
      length: fc.nat(60),
      sizes: fc.array(fc.integer({ min: 1, max: 256 * 1024 }), { minLength: 60, maxLength: 60 }),
      requestsInFlight: fc.nat(3),
      headSegments: fc.nat(8),
    });
    fc.assert(
      fc.property(sets, ({ held, inFlight, from, length, sizes, requestsInFlight, headSegments }) => {
        const wanted = { from, to: Math.min(60, from + length) };
        const span = planRequest({
          wanted,
          isHeld: (segment) => held.includes(segment),
          isInFlight: (segment) => inFlight.includes(segment),
          requestsInFlight,
          isUrgent: length % 2 === 0,
          segmentSizesBytes: sizes,
          headSegments,
        });
        if (span === null) return;
        expect(span.to).toBeGreaterThan(span.from);
        expect(span.to - span.from).toBeLessThanOrEqual(REQUEST_SEGMENTS_MAX);
        let total = 0;
        for (let segment = span.from; segment < span.to; segment += 1) {
          expect(held).not.toContain(segment);
          expect(inFlight).not.toContain(segment);
          expect(segment >= wanted.from && segment < wanted.to).toBe(true);
          total += sizes[segment] ?? 0;
        }
        expect(total <= REQUEST_BYTES_MAX || span.to - span.from === 1).toBe(true);
      }),
    );
  });
});

describe('planHorizon', () => {
  const view = {
    playSegment: 10,
    segmentCount: 200,
    segmentFrames: SECOND,
    leftFrames: frames(190 * SECOND),
    nextHeadSegments: 3,
  };

  it('wants a minute ahead, in whole requests', () => {
    const { current } = planHorizon({ ...view, isHeld: () => false, nextSegmentCount: 50 });
    expect(current).toEqual({ from: 10, to: 72 });
  });

  it('wants nothing of the next track before the current one is safe', () => {
    expect(planHorizon({ ...view, isHeld: () => false, nextSegmentCount: 50 }).next).toBeNull();
    expect(planHorizon({ ...view, isHeld: () => true, nextSegmentCount: null }).next).toBeNull();
  });

  it('wants the head of the next track as soon as the current one can outlive that request', () => {
    const isHeld = ({ to }: { to: number }) => to <= 20;
    const view10 = { ...view, isHeld, nextSegmentCount: 50 };
    expect(planHorizon(view10).next).toEqual({ from: 0, to: 3 });
    expect(planHorizon({ ...view10, nextHeadSegments: 0 }).next).toBeNull();
    expect(planHorizon({ ...view10, isHeld: ({ to }) => to < 20 }).next).toBeNull();
  });

  it('says when the join is near', () => {
    const near = { ...view, isHeld: () => true, nextSegmentCount: 50 };
    expect(planHorizon(near).isNextSoon).toBe(false);
    expect(planHorizon({ ...near, leftFrames: frames(9 * SECOND) }).isNextSoon).toBe(true);
  });

  it('wants the beginning of the next one, and all of its horizon when the end is near', () => {
    const early = planHorizon({ ...view, isHeld: () => true, nextSegmentCount: 50 });
    expect(early.next).toEqual({ from: 0, to: NEXT_HEAD_SEGMENTS });
    const late = planHorizon({ ...view, leftFrames: frames(29 * SECOND), isHeld: () => true, nextSegmentCount: 50 });
    expect(late.next).toEqual({ from: 0, to: 50 });
  });
});
