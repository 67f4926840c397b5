import { describe, expect, it } from 'vitest';
import { RAMP_SPAN_FRAMES, rampDecoders } from '#sim/speakers/ramp-decoder';
import { rampTrack } from '#sim/speakers/ramp-track';
import { demuxSegment } from '../demux/segment-demuxer.ts';
import { PRE_ROLL_FRAMES } from '../manifest/segment-plan.ts';
import { fadeInto, SEAM_FRAMES, settleOn } from './seam.ts';

describe('a seam', () => {
  it('fades from one sound into the other, evenly, and nowhere steeper than that', () => {
    const tail = new Float32Array(SEAM_FRAMES * 2).fill(1);
    const fresh = new Float32Array(960 * 2).fill(-1);
    fadeInto(tail, SEAM_FRAMES, fresh, 960);
    expect(tail[0]).toBeCloseTo(1, 2);
    expect(tail.at(-1)).toBeCloseTo(-1, 2);
    for (let at = 2; at < tail.length; at += 1) {
      expect((tail[at - 2] ?? 0) - (tail[at] ?? 0)).toBeCloseTo(2 / SEAM_FRAMES, 4);
    }
  });

  it('leaves alike what is alike, and the old sound where the new one could not be decoded', () => {
    const tail = Float32Array.from({ length: SEAM_FRAMES * 2 }, (_, at) => Math.sin(at));
    const same = tail.slice();
    fadeInto(tail, SEAM_FRAMES, same, SEAM_FRAMES);
    expect(tail).toEqual(same);
    fadeInto(tail, SEAM_FRAMES, new Float32Array(960 * 2), 0);
    expect(tail).toEqual(same);
  });

  it('settles a decoder on the last packets of a segment, and on no more', () => {
    const [, plain] = rampTrack(1, 3 * 48_000).plainSegments;
    const demuxed = demuxSegment(plain ?? new Uint8Array(0), {
      hasHeaders: false,
      startStreamFrames: 48_000,
      preSkipFrames: 312,
    });
    if (!demuxed.ok) throw demuxed.error;
    let decodedFrames = 0;
    const decoder = rampDecoders.create();
    const counting = {
      decode: (packet: Uint8Array, out: Float32Array) => {
        const decoded = decoder.decode(packet, out);
        if (decoded.ok) decodedFrames += decoded.value;
        return decoded;
      },
      close: () => decoder.close(),
    };
    const scratch = new Float32Array(5_760 * 2);
    expect(settleOn(counting, demuxed.value, scratch)).toBe(960);
    expect(decodedFrames).toBe(PRE_ROLL_FRAMES);
    // The ramp says which frame it is: the last one before the boundary.
    expect(Math.round((scratch[959 * 2] ?? 0) * 32_768)).toBe((96_000 - 312 - 1) % RAMP_SPAN_FRAMES);
  });
});
