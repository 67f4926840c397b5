/** Reading one track from several qualities: exact to the frame, whatever is held when. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryChunkStore } from '#device/adapters/memory-chunk-store/memory-chunk-store';
import { createNodeSegmentCipher } from '#device/adapters/node-segment-cipher/node-segment-cipher';
import { TonearmError } from '#protocol/vocabulary/errors';
import { refused } from '#protocol/vocabulary/result';
import { frames } from '#protocol/vocabulary/units';
import { rampDecoders, readRampFrame } from '#sim/speakers/ramp-decoder';
import { rampLadder } from '#sim/speakers/ramp-ladder';
import { createSegmentShelf } from '../cache/segment-shelf.ts';
import { planTrack } from '../manifest/track-plan.ts';
import type { PcmBlock } from './pcm-block.ts';
import { SEAM_FRAMES } from './seam.ts';
import { createTrackReader } from './track-reader.ts';

const SEGMENTS = 5;
const DURATION = SEGMENTS * 48_000 - 1_000;
const LADDER = rampLadder(1, DURATION, [24, 96]);

function room(ports: Partial<Parameters<typeof createTrackReader>[0]> = {}, positionFrames = 0) {
  const planned = planTrack(LADDER.manifest, { kind: 'best' });
  if (!planned.ok) throw planned.error;
  const plan = planned.value;
  const shelf = createSegmentShelf({ store: createMemoryChunkStore(), cipher: createNodeSegmentCipher() });
  const hold = (rung: number, ...segments: readonly number[]): void => {
    const file = plan.rungs[rung];
    if (file === undefined) throw new Error('no such quality');
    const stored = LADDER.served.stored.get(file.file.fileId) ?? new Uint8Array(0);
    for (const segment of segments) {
      const kept = shelf.keep(file, segment, stored.slice(file.offsetsBytes[segment], file.offsetsBytes[segment + 1]));
      expect(kept.ok).toBe(true);
    }
  };
  const told: string[] = [];
  const reader = createTrackReader(
    { shelf, decoders: rampDecoders, ...ports },
    { plan, positionFrames: frames(positionFrames) },
    {
      segmentCorrupt: (rung, segment) => told.push(`corrupt ${rung}/${segment}`),
      packetCorrupt: () => told.push('packet'),
      failed: (error) => told.push(error.code),
    },
  );
  return { reader, hold, told };
}

/** The position that each frame of a block says it has. */
function positionsIn({ samples, offsetFrames, countFrames }: PcmBlock): number[] {
  const pcm = Int16Array.from(samples, (sample) => Math.round(sample * 32_768));
  return Array.from(
    { length: countFrames },
    (_, frame) => readRampFrame(pcm, offsetFrames + frame)?.positionFrames ?? -1,
  );
}

/** Reads on as far as it goes; every frame must follow the one before. @returns the position after the last one */
function readOn(reader: ReturnType<typeof createTrackReader>, from: number): { at: number; end: 'missing' | 'ended' } {
  let at = from;
  for (;;) {
    const outcome = reader.read();
    if (outcome.kind !== 'block') return { at, end: outcome.kind };
    expect(outcome.block.positionFrames).toBe(at);
    for (const position of positionsIn(outcome.block)) {
      if (position !== at) throw new Error(`frame ${at} says that it is ${position}`);
      at += 1;
    }
  }
}

describe('a reader of several qualities', () => {
  it('reads on in another quality at a boundary, every frame in its place', () => {
    const { reader, hold, told } = room();
    hold(1, 0, 1);
    hold(0, 1, 2, 3);
    hold(1, 3, 4);
    const read: (number | null)[] = [];
    let at = 0;
    for (let outcome = reader.read(); outcome.kind === 'block'; outcome = reader.read()) {
      for (const position of positionsIn(outcome.block)) {
        if (position !== at) throw new Error(`frame ${at} says that it is ${position}`);
        at += 1;
      }
      if (read.at(-1) !== reader.place().rung) read.push(reader.place().rung);
    }
    expect([at, read, told]).toEqual([DURATION, [1, 0, 1], []]);
  });

  it('keeps back the last milliseconds before a boundary until it knows what follows', () => {
    const { reader, hold } = room();
    hold(1, 0);
    const boundary = 48_000 - 312;
    expect(readOn(reader, 0)).toEqual({ at: boundary - SEAM_FRAMES, end: 'missing' });
    hold(0, 1);
    expect(readOn(reader, boundary - SEAM_FRAMES).at).toBe(boundary - SEAM_FRAMES);
    hold(0, 0);
    expect(readOn(reader, boundary - SEAM_FRAMES).at).toBe(2 * 48_000 - 312 - SEAM_FRAMES);
  });

  it('gives every frame once, in order, wherever it begins and in whatever order qualities arrive', () => {
    const arrivals = fc.array(fc.record({ rung: fc.nat(1), segment: fc.nat(SEGMENTS - 1) }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.nat(DURATION - 1), arrivals, (start, order) => {
        const { reader, hold, told } = room({}, start);
        let at = start;
        for (const { rung, segment } of order) {
          hold(rung, segment);
          at = readOn(reader, at).at;
        }
        for (const rung of [0, 1]) hold(rung, 0, 1, 2, 3, 4);
        expect(readOn(reader, at)).toEqual({ at: DURATION, end: 'ended' });
        expect(told).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  it('says so when no decoder can be had for the other quality', () => {
    let made = 0;
    const decoders = {
      name: 'one only',
      create: () => {
        made += 1;
        if (made > 1) throw new TonearmError('decode.unavailable', 'no more');
        return rampDecoders.create();
      },
    };
    const { reader, hold, told } = room({ decoders });
    hold(1, 0);
    hold(0, 0, 1);
    // The lower one was held first.
    expect(readOn(reader, 0).end).toBe('missing');
    expect(told).toEqual(['decode.unavailable']);
  });

  it('becomes silent for a packet that cannot be decoded while it settles, and for no other', () => {
    let settling = 0;
    const decoders = {
      name: 'settles badly',
      create: () => {
        const decoder = rampDecoders.create();
        settling += 1;
        let left = settling > 1 ? 8 : 0;
        return {
          close: () => decoder.close(),
          decode: (packet: Uint8Array, out: Float32Array) => {
            left -= 1;
            const decoded = decoder.decode(packet, out);
            return left >= 0 ? refused(new TonearmError('decode.corrupt-packet', 'bad')) : decoded;
          },
        };
      },
    };
    const { reader, hold, told } = room({ decoders });
    hold(1, 0);
    hold(0, 0, 1, 2, 3, 4);
    expect(readOn(reader, 0)).toEqual({ at: DURATION, end: 'ended' });
    expect(told).toEqual([]);
  });
});
