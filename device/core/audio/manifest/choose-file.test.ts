import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kbps } from '#protocol/vocabulary/units';
import type { ManifestFile } from '#protocol/wire/manifest';
import { rampTrack } from '#sim/speakers/ramp-track';
import { chooseFiles, QUALITY_CAPS_KBPS, QUALITY_DEFAULT } from './choose-file.ts';

const [FILE] = rampTrack(1, 48_000).manifest.files;

function filesOf(...bitrates: number[]): ManifestFile[] {
  if (FILE === undefined) throw new Error('a ramp has a file');
  return bitrates.map((bitrate) => ({ ...FILE, bitrateKbps: kbps(bitrate) }));
}

function choose(bitrates: number[], policy = QUALITY_DEFAULT): number[] {
  return chooseFiles(filesOf(...bitrates), policy).map((file) => file.bitrateKbps);
}

describe('which files may be played', () => {
  it('are those up to the cap, ascending', () => {
    expect(choose([320, 24, 160, 96])).toEqual([24, 96, 160]);
    expect(choose([320, 24, 160, 96], { kind: 'cap', kbps: 24 })).toEqual([24]);
  });

  it('is the lowest one when all are above the cap', () => {
    expect(choose([320, 160, 96], { kind: 'cap', kbps: 24 })).toEqual([96]);
  });

  it('are all when the best was asked for', () => {
    expect(choose([96, 320, 24], { kind: 'best' })).toEqual([24, 96, 320]);
  });

  it('is none when there is none', () => {
    expect(choose([])).toEqual([]);
  });

  it('is at least one where there is one, and above the cap only when all are', () => {
    const bitrates = fc.array(fc.integer({ min: 6, max: 510 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(bitrates, fc.constantFrom(...QUALITY_CAPS_KBPS), (all, cap) => {
        const chosen = choose(all, { kind: 'cap', kbps: cap });
        const below = all.filter((bitrate) => bitrate <= cap).toSorted((one, other) => one - other);
        expect(chosen).toEqual(below.length > 0 ? below : [Math.min(...all)]);
      }),
    );
  });
});
