import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { db } from '#protocol/vocabulary/units';
import { albumLoudnessOf, integratedLufs, packLoudnessBlocks, rangeLu } from './loudness-blocks.ts';

/** What `lufs` is the loudness of. */
const powerOf = (lufs: number): number => 10 ** ((lufs + 0.691) / 10);
const blocksAt = (...levels: readonly (readonly [lufs: number, count: number])[]) =>
  levels.map(([lufs, count]) => ({ power: powerOf(lufs), count }));
const powersAt = (lufs: number, count: number): number[] => Array(count).fill(powerOf(lufs));
const trackAt = (lufs: number, count: number, peak = -1) => ({
  blocks: packLoudnessBlocks(powersAt(lufs, count), powersAt(lufs, count)),
  truePeakDbtp: db(peak),
});

describe('the range of loudness (EBU Tech 3342, minimum requirements)', () => {
  it.each([
    ['1', [-20, -30], 10],
    ['2', [-20, -15], 5],
    ['3', [-40, -20], 20],
  ] as const)('case %s: two levels for equally long', (_, [one, other], expected) => {
    expect(rangeLu(blocksAt([one, 200], [other, 200]))).toBeCloseTo(expected, 1);
  });

  it('case 4: what is 20 LU below the rest is left out', () => {
    expect(rangeLu(blocksAt([-50, 200], [-35, 200], [-20, 200], [-35, 200], [-50, 200]))).toBeCloseTo(15, 1);
  });

  it('of silence is none', () => {
    expect(rangeLu(blocksAt([-80, 100]))).toBe(0);
    expect(rangeLu([])).toBe(0);
  });
});

describe('an album', () => {
  it('is as loud as its tracks in a row, not as their mean', () => {
    const album = albumLoudnessOf([trackAt(-12, 3_000), trackAt(-20, 1_000, -0.2), trackAt(-60, 500)]);
    expect(album?.integratedLufs).toBeCloseTo(integratedLufs(blocksAt([-12, 3_000], [-20, 1_000])) ?? 0, 1);
    expect(album?.truePeakDbtp).toBe(-0.2);
    expect(album?.rangeLu).toBeCloseTo(8, 0);
  });

  it('of one track is that track, within half a bin', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -69, max: 3, noNaN: true }), { minLength: 1, maxLength: 300 }),
        (levels) => {
          const powers = levels.map(powerOf);
          const album = albumLoudnessOf([{ blocks: packLoudnessBlocks(powers, []), truePeakDbtp: db(0) }]);
          const audible = Math.max(...levels);
          expect(album?.integratedLufs).toBeGreaterThan(-70);
          expect(album?.integratedLufs).toBeLessThanOrEqual(audible + 0.06);
        },
      ),
    );
  });

  it('of tracks that are too quiet cannot be measured', () => {
    expect(albumLoudnessOf([{ blocks: packLoudnessBlocks(powersAt(-75, 100), []), truePeakDbtp: null }])).toBeNull();
    expect(albumLoudnessOf([])).toBeNull();
  });
});
