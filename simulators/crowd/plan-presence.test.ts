import { describe, expect, it } from 'vitest';
import { SeededRandom } from '#sim/world/seeded-random';
import { OFF_MEDIAN_S, OFF_PER_DAY, S_PER_DAY } from './listening-model.ts';
import { planPresence } from './plan-presence.ts';

const DAYS = 10;
const COUNT = 500;

function plan(seed: number) {
  return planPresence(new SeededRandom(seed), { count: COUNT, durationS: DAYS * S_PER_DAY });
}

describe('when speakers are switched off and on', () => {
  it('is the same for the same seed, in the order of time', () => {
    const times = plan(1).map(({ atS }) => atS);
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(Math.max(...times)).toBeLessThan(DAYS * S_PER_DAY);
  });

  it('takes each speaker off and on in turn', () => {
    const isOn = Array.from({ length: COUNT }, () => true);
    for (const change of plan(3)) {
      expect(isOn[change.number]).toBe(!change.isOn);
      isOn[change.number] = change.isOn;
    }
  });

  it('is as often and as long as it should be', () => {
    const changes = plan(4);
    const offs = changes.filter(({ isOn }) => !isOn);
    const perDay = offs.length / COUNT / DAYS;
    expect(Math.abs(perDay - OFF_PER_DAY)).toBeLessThan(0.04);
    const lasted = offs.flatMap(({ atS, number }) => {
      const on = changes.find((it) => it.number === number && it.isOn && it.atS > atS);
      return on === undefined ? [] : [on.atS - atS];
    });
    const shorter = lasted.filter((timeS) => timeS < OFF_MEDIAN_S).length / lasted.length;
    expect(Math.abs(shorter - 0.5)).toBeLessThan(0.05);
  });
});
