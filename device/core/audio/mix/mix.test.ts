import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { db, percent } from '#protocol/vocabulary/units';
import { chooseLoudness, loudnessGain, volumeGain } from './gain.ts';
import { createQuantiser } from './quantiser.ts';
import { FADE_FRAMES, Ramp } from './ramp.ts';

describe('a ramp', () => {
  it('takes one fade from end to end, in steps no larger than its slope, and lands exactly', () => {
    const ramp = new Ramp(0);
    ramp.fadeTo(1);
    let steps = 0;
    for (let before = 0; ramp.isMoving; before = ramp.value) {
      ramp.next();
      steps += 1;
      expect(ramp.value - before).toBeLessThanOrEqual(1 / FADE_FRAMES + 1e-9);
    }
    expect([steps, ramp.value]).toEqual([FADE_FRAMES, 1]);
  });

  it('turns round from where it is, and says how long it will take', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: FADE_FRAMES - 1 }), (frames) => {
        const ramp = new Ramp(0);
        ramp.fadeTo(1);
        for (let frame = 0; frame < frames; frame += 1) ramp.next();
        ramp.fadeTo(0);
        const expected = ramp.framesToZero();
        let steps = 0;
        for (; ramp.isMoving; steps += 1) ramp.next();
        expect(Math.abs(steps - expected)).toBeLessThanOrEqual(1);
        expect(ramp.value).toBe(0);
      }),
    );
  });

  it('glides between any two gains in the length of one fade', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (from, to) => {
          const ramp = new Ramp(from);
          ramp.glideTo(to);
          for (let frame = 0; frame <= FADE_FRAMES; frame += 1) ramp.next();
          expect(ramp.value).toBe(to);
        },
      ),
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

describe('a quantiser', () => {
  it('is exact without dither, for every value there is', () => {
    const values = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
    const to = new Int16Array(values.length);
    createQuantiser(null).quantise(
      Float32Array.from(values, (value) => value / 32_768),
      to,
      values.length,
    );
    expect(to).toEqual(values);
  });

  it('clips instead of wrapping round', () => {
    const to = new Int16Array(3);
    createQuantiser(5).quantise(Float32Array.of(1.5, -1.5, 1), to, 3);
    expect([...to]).toEqual([32_767, -32_768, 32_767]);
  });

  it('dithers: the mean of many is the value between two steps, and silence stays silent', () => {
    const count = 200_000;
    const to = new Int16Array(count);
    const from = new Float32Array(count).fill(10.3 / 32_768);
    createQuantiser(1).quantise(from, to, count);
    const mean = to.reduce((sum, value) => sum + value, 0) / count;
    expect(Math.abs(mean - 10.3)).toBeLessThan(0.02);
    // Triangular: never further than the steps next to it.
    expect([...new Set(to)].sort()).toEqual([10, 11, 9]);
    createQuantiser(1).quantise(new Float32Array(count), to, count);
    expect(to.every((value) => value === 0)).toBe(true);
  });

  it('is the same for the same seed, and another for another', () => {
    const from = Float32Array.from({ length: 1_000 }, (_, index) => Math.sin(index) / 3);
    const make = (seed: number) => {
      const to = new Int16Array(from.length);
      createQuantiser(seed).quantise(from, to, from.length);
      return to;
    };
    expect(make(3)).toEqual(make(3));
    expect(make(3)).not.toEqual(make(4));
  });
});
