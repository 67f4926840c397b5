import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kbps } from '#protocol/vocabulary/units';
import type { ManifestFile } from '#protocol/wire/manifest';
import { rampTrack } from '#sim/speakers/ramp-track';
import { chooseFile, QUALITY_CAPS_KBPS, QUALITY_DEFAULT } from './choose-file.ts';

const [FILE] = rampTrack(1, 48_000).manifest.files;

function filesOf(...bitrates: number[]): ManifestFile[] {
  if (FILE === undefined) throw new Error('a ramp has a file');
  return bitrates.map((bitrate) => ({ ...FILE, bitrateKbps: kbps(bitrate) }));
}

function choose(bitrates: number[], policy = QUALITY_DEFAULT): [number, string] | undefined {
  const choice = chooseFile(filesOf(...bitrates), policy);
  return choice === undefined ? undefined : [choice.file.bitrateKbps, choice.reason];
}

describe('which file is played', () => {
  it('is the best one at or below the cap', () => {
    expect(choose([320, 24, 160, 96])).toEqual([160, 'below-cap']);
    expect(choose([24, 96, 320])).toEqual([96, 'below-cap']);
    expect(choose([320, 24, 160, 96], { kind: 'cap', kbps: 24 })).toEqual([24, 'below-cap']);
  });

  it('is the lowest one when all are above the cap', () => {
    expect(choose([320, 160, 96], { kind: 'cap', kbps: 24 })).toEqual([96, 'lowest']);
  });

  it('is the best one when that was asked for', () => {
    expect(choose([96, 320, 24], { kind: 'best' })).toEqual([320, 'best']);
  });

  it('is none when there is none', () => {
    expect(choose([])).toBeUndefined();
  });

  it('is always one of them, and above the cap only when all are', () => {
    const bitrates = fc.array(fc.integer({ min: 6, max: 510 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(bitrates, fc.constantFrom(...QUALITY_CAPS_KBPS), (all, cap) => {
        const [chosen] = choose(all, { kind: 'cap', kbps: cap }) ?? [Number.NaN];
        const below = all.filter((bitrate) => bitrate <= cap);
        expect(chosen).toBe(below.length > 0 ? Math.max(...below) : Math.min(...all));
      }),
    );
  });
});
