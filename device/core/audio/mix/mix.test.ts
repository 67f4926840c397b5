import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { db, percent } from '#protocol/vocabulary/units';
import { chooseLoudness, loudnessGain, volumeGain } from './gain.ts';
import { FADE_FRAMES, Ramp } from './ramp.ts';

describe('a ramp', () => {
  const take = (ramp: Ramp): number => {
    const count = Math.min(ramp.framesLeft, 7);
    ramp.advance(count);
    return count;
  };

  it('takes one fade from end to end, and lands exactly', () => {
    const ramp = new Ramp(0);
    ramp.fadeTo(1);
    expect([ramp.step, ramp.framesLeft]).toEqual([1 / FADE_FRAMES, FADE_FRAMES]);
    let taken = 0;
    while (ramp.step !== 0) taken += take(ramp);
    expect([taken, ramp.value, ramp.framesLeft]).toEqual([FADE_FRAMES, 1, Number.POSITIVE_INFINITY]);
  });

  it('turns round from where it is, and says how long it will take', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: FADE_FRAMES - 1 }), (frames) => {
        const ramp = new Ramp(0);
        ramp.fadeTo(1);
        ramp.advance(frames);
        ramp.fadeTo(0);
        expect(ramp.framesToZero()).toBe(frames);
        let taken = 0;
        while (ramp.step !== 0) taken += take(ramp);
        expect([taken, ramp.value]).toEqual([frames, 0]);
      }),
    );
  });
});

describe('gains', () => {
  it('make the volume a curve that rises all the way', () => {
    expect([volumeGain(percent(0)), volumeGain(percent(50)), volumeGain(percent(100))]).toEqual([0, 0.125, 1]);
    for (let volume = 1; volume <= 100; volume += 1) {
      expect(volumeGain(percent(volume))).toBeGreaterThan(volumeGain(percent(volume - 1)));
    }
  });

  it('bring a loud track down and a quiet one up, as far as its peak allows', () => {
    const gainDb = (integratedLufs: number, truePeakDbtp: number) =>
      20 * Math.log10(loudnessGain({ integratedLufs: db(integratedLufs), truePeakDbtp: db(truePeakDbtp) }));
    expect(gainDb(-8, 0.5)).toBeCloseTo(-6, 5);
    expect(gainDb(-20, -10)).toBeCloseTo(6, 5);
    expect(gainDb(-20, -3)).toBeCloseTo(2, 5);
    expect(gainDb(-14, 1)).toBeCloseTo(-2, 5);
    expect(gainDb(-70, -60)).toBeCloseTo(12, 5);
    expect(loudnessGain(null)).toBe(1);
    expect(
      loudnessGain({ integratedLufs: db(Number.NEGATIVE_INFINITY), truePeakDbtp: db(Number.NEGATIVE_INFINITY) }),
    ).toBe(1);
  });

  it('go by whose loudness was asked for, and by the track while its album is not measured', () => {
    const [own, whole] = [
      { integratedLufs: db(-10), truePeakDbtp: db(0) },
      { integratedLufs: db(-12), truePeakDbtp: db(0) },
    ];
    const both = { loudness: own, albumLoudness: whole };
    expect([chooseLoudness(both, 'track'), chooseLoudness(both, 'album'), chooseLoudness(both, 'off')]).toEqual([
      own,
      whole,
      null,
    ]);
    expect(chooseLoudness({ loudness: own, albumLoudness: null }, 'album')).toBe(own);
    expect(chooseLoudness({ loudness: own }, 'album')).toBe(own);
  });

  it('never let a peak above the limit', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -40, max: 0, noNaN: true }),
        fc.double({ min: -30, max: 6, noNaN: true }),
        (lufs, peak) => {
          const gain = loudnessGain({ integratedLufs: db(lufs), truePeakDbtp: db(peak) });
          expect(20 * Math.log10(gain) + peak).toBeLessThanOrEqual(-1 + 1e-9);
        },
      ),
    );
  });
});
