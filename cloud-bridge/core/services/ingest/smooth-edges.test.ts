import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extrapolate } from './linear-prediction.ts';
import { SmoothEdges } from './smooth-edges.ts';

const PACKET = 960;
const LOOKAHEAD = 312;

/** Left counts up, right counts down: sample i says where it came from. */
function ramp(frames: number): Int16Array {
  return Int16Array.from({ length: frames * 2 }, (_, index) => {
    const frame = index >> 1;
    return index % 2 === 0 ? (frame % 30_000) + 1 : -((frame % 30_000) + 1);
  });
}

function cut(pcm: Int16Array, pieceFrames: number): { readonly edges: SmoothEdges; readonly all: Int16Array } {
  const edges = new SmoothEdges(PACKET, LOOKAHEAD);
  const blocks: Int16Array[] = [];
  for (let offset = 0; offset < pcm.length; offset += pieceFrames * 2) {
    blocks.push(...edges.add(pcm.subarray(offset, offset + pieceFrames * 2)));
  }
  blocks.push(...edges.finish());
  expect(blocks.every((block) => block.length === PACKET * 2)).toBe(true);
  return { edges, all: Int16Array.from(blocks.flatMap((block) => [...block])) };
}

describe('the blocks of a track', () => {
  it('hold every frame once and in order, and reach past the last one by the encoder’s delay', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_000 }), fc.integer({ min: 1, max: 5_000 }), (frames, pieceFrames) => {
        const pcm = ramp(frames);
        const { edges, all } = cut(pcm, pieceFrames);
        const leadIn = (edges.preSkipFrames - LOOKAHEAD) * 2;
        expect(edges.durationFrames).toBe(frames);
        expect(all.slice(leadIn, leadIn + pcm.length)).toEqual(pcm);
        expect(all.length / 2).toBe(Math.ceil((edges.preSkipFrames + frames) / PACKET) * PACKET);
      }),
      { numRuns: 60 },
    );
  });

  it('drop a whole number of packets at the start', () => {
    expect(new SmoothEdges(PACKET, LOOKAHEAD).preSkipFrames).toBe(960);
    expect(new SmoothEdges(PACKET, 960).preSkipFrames).toBe(960);
  });

  it('go on beyond the edges the way the sound was going', () => {
    const frequency = (2 * Math.PI * 330) / 48_000;
    const tone = (frame: number): number => Math.round(9_000 * Math.sin(frequency * frame + 1));
    const frames = 5_000;
    const pcm = Int16Array.from({ length: frames * 2 }, (_, index) => tone(index >> 1));
    const { edges, all } = cut(pcm, 700);
    const leadIn = edges.preSkipFrames - LOOKAHEAD;
    for (const beyond of [1, 20, 100]) {
      expect(Math.abs((all[(leadIn - beyond) * 2] ?? 0) - tone(-beyond))).toBeLessThan(900);
      expect(Math.abs((all[(leadIn + frames - 1 + beyond) * 2 + 1] ?? 0) - tone(frames - 1 + beyond))).toBeLessThan(
        900,
      );
    }
  });
});

describe('extrapolation', () => {
  it('of silence is silence, and of nothing too', () => {
    expect([...extrapolate(new Float64Array(500), 4)]).toEqual([0, 0, 0, 0]);
    expect([...extrapolate(new Float64Array(0), 2)]).toEqual([0, 0]);
  });

  it('never grows, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 1, maxLength: 400 }), (samples) => {
        const future = extrapolate(Float64Array.from(samples), 2_000);
        expect(future.every(Number.isFinite)).toBe(true);
        const loudest = Math.max(...samples.map(Math.abs));
        expect(Math.max(...future.subarray(1_500).map(Math.abs))).toBeLessThanOrEqual(loudest * 4 + 1);
      }),
    );
  });
});
