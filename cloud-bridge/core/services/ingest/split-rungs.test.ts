import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Kbps, kbps } from '#protocol/vocabulary/units';
import { LADDER_KBPS } from './quality-ladder.ts';
import { splitRungs } from './split-rungs.ts';

const jobOf = (bitratesKbps: readonly Kbps[], measuresLoudness = true) => ({
  sourcePath: 'x',
  serial: 1,
  bitratesKbps,
  measuresLoudness,
});

describe('the qualities of a track', () => {
  it('are shared out over two threads about evenly', () => {
    const parts = splitRungs(jobOf(LADDER_KBPS), 2).map((part) => [...part.bitratesKbps].sort((a, b) => a - b));
    expect(parts).toEqual([
      [24, 160],
      [96, 320],
    ]);
  });

  it('are each in one part, none of which is empty, and one of which measures', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 6, max: 510 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        (rungs, threads, measures) => {
          const parts = splitRungs(jobOf(rungs.map(kbps), measures), threads);
          expect(parts.length).toBe(Math.min(threads, rungs.length));
          expect(parts.flatMap((part) => part.bitratesKbps).sort()).toEqual([...rungs].sort());
          expect(parts.every((part) => part.bitratesKbps.length > 0)).toBe(true);
          expect(parts.filter((part) => part.measuresLoudness)).toHaveLength(measures ? 1 : 0);
        },
      ),
    );
  });
});
