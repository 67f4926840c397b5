import { describe, expect, it } from 'vitest';
import { kbps } from '#protocol/vocabulary/units';
import { chooseRungs, LADDER_KBPS, ladderFor } from './quality-ladder.ts';

const lossy = (bitrate: number | null) => ({
  isLossless: false,
  bitrateKbps: bitrate === null ? null : kbps(bitrate),
});

describe('the ladder of a source', () => {
  it('is all of it where nothing was lost, or where nothing is known', () => {
    expect(ladderFor({ isLossless: true, bitrateKbps: kbps(700) })).toEqual([24, 96, 160, 320]);
    expect(ladderFor({ isLossless: true, bitrateKbps: kbps(90) })).toEqual([24, 96, 160, 320]);
    expect(ladderFor(lossy(null))).toEqual([24, 96, 160, 320]);
  });

  it.each([
    [320, [24, 96, 160, 320]],
    [256, [24, 96, 160, 320]],
    [255, [24, 96, 160]],
    [128, [24, 96, 160]],
    [127, [24, 96]],
    [32, [24, 96]],
  ])('at %i kbit/s is %j', (bitrate, rungs) => {
    expect(ladderFor(lossy(bitrate))).toEqual(rungs);
  });
});

describe('the rungs of a job', () => {
  it('are those wanted, with the best there is for those above', () => {
    const low = ladderFor(lossy(64));
    expect(chooseRungs([kbps(160)], low)).toEqual([96]);
    expect(chooseRungs([160, 320, 24].map(kbps), low)).toEqual([24, 96]);
    expect(chooseRungs([kbps(320), kbps(24)], LADDER_KBPS)).toEqual([24, 320]);
  });
});
