import { describe, expect, it } from 'vitest';
import { SeededRandom } from '#sim/world/seeded-random';
import {
  BEGINNINGS_BY_HOUR,
  drawSkip,
  S_PER_DAY,
  S_PER_HOUR,
  SESSIONS_PER_DAY,
  SKIPPED_BEFORE_END,
  TRACKS_PER_SESSION,
} from './listening-model.ts';
import { type Deed, planListening } from './plan-listening.ts';

const LENGTHS_S = [180, 240, 200, 300, 150];
const DAYS = 400;

function planDays(seed: number, lengthsS: readonly number[] = LENGTHS_S, days = DAYS): readonly Deed[] {
  return planListening(new SeededRandom(seed), { fromS: 0, durationS: days * S_PER_DAY, lengthsS, speakers: 5 });
}

describe('the model', () => {
  it('has whole days', () => {
    expect(BEGINNINGS_BY_HOUR).toHaveLength(24);
    expect(BEGINNINGS_BY_HOUR.reduce((sum, part) => sum + part)).toBeCloseTo(1, 9);
  });

  it.each([
    { withinS: 5, part: 0.241 },
    { withinS: 10, part: 0.29 },
    { withinS: 30, part: 0.351 },
    { withinS: 240, part: SKIPPED_BEFORE_END },
  ])('skips $part of plays within $withinS s', ({ withinS, part }) => {
    const random = new SeededRandom(7);
    const drawn = Array.from({ length: 20_000 }, () => drawSkip(random, 240));
    const skipped = drawn.filter((afterS) => afterS !== null && afterS <= withinS).length;
    // Three standard deviations of a share of 20,000.
    expect(Math.abs(skipped / drawn.length - part)).toBeLessThan(0.011);
  });

  it('skips nothing after its end', () => {
    const random = new SeededRandom(8);
    for (let place = 0; place < 2_000; place += 1) expect(drawSkip(random, 3) ?? 0).toBeLessThanOrEqual(3);
  });
});

describe('what a person does', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planDays(1)).toEqual(planDays(1));
    expect(planDays(1)).not.toEqual(planDays(2));
  });

  it('is in the order of time and within the duration', () => {
    const times = planDays(3).map(({ atS }) => atS);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times.every((atS) => atS >= 0 && atS < DAYS * S_PER_DAY)).toBe(true);
  });

  it('begins as many sessions as it should, in the hours in which people listen', () => {
    const plays = planDays(4).filter(({ kind }) => kind === 'play');
    const hours = plays.map(({ atS }) => Math.floor(atS / S_PER_HOUR) % 24);
    const inHours = (from: number, to: number) =>
      hours.filter((hour) => hour >= from && hour < to).length / hours.length;
    // Fewer than a day has, since nobody begins a session during another.
    expect(plays.length / DAYS).toBeGreaterThan(SESSIONS_PER_DAY * 0.75);
    expect(plays.length / DAYS).toBeLessThan(SESSIONS_PER_DAY * 1.05);
    expect(inHours(18, 22)).toBeGreaterThan(0.3);
    expect(inHours(0, 5)).toBeLessThan(0.06);
  });

  it('plays albums of some length, a skip leads to the next, and the last track is not skipped to nothing', () => {
    const deeds = planDays(5);
    const plays = deeds.filter((deed) => deed.kind === 'play');
    const tracks = plays.map((deed) => deed.tracks.length);
    expect(Math.abs(tracks.reduce((sum, count) => sum + count) / tracks.length - TRACKS_PER_SESSION)).toBeLessThan(1);
    let left = 0;
    for (const deed of deeds) {
      if (deed.kind === 'play') left = deed.tracks.length - 1;
      if (deed.kind === 'next') left -= 1;
      expect(left).toBeGreaterThanOrEqual(0);
    }
    const skips = deeds.filter(({ kind }) => kind === 'next').length;
    const skippable = tracks.reduce((sum, count) => sum + count - 1, 0);
    expect(Math.abs(skips / skippable - SKIPPED_BEFORE_END)).toBeLessThan(0.02);
  });

  it('is at home most of the time, and stays within what there is', () => {
    const plays = planDays(6).filter((deed) => deed.kind === 'play');
    const counts = [0, 1, 2, 3, 4].map((place) => plays.filter(({ speaker }) => speaker === place).length);
    expect(counts.reduce((sum, count) => sum + count)).toBe(plays.length);
    expect(Math.max(...counts) / plays.length).toBeGreaterThan(0.75);
    expect(plays.every(({ tracks }) => tracks.every((track) => LENGTHS_S[track] !== undefined))).toBe(true);
  });

  it('turns the volume now and then, and does nothing else where there is nothing to play', () => {
    expect(planDays(7).filter(({ kind }) => kind === 'setVolume').length).toBeGreaterThan(100);
    const silent = planDays(7, []);
    expect(silent.length).toBeGreaterThan(DAYS);
    expect(silent.every((deed) => deed.kind === 'setVolume' && deed.volume >= 0 && deed.volume <= 100)).toBe(true);
  });
});
