import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '#sim/world/seeded-random';
import { DAY_MINUTES, describeAct, timeOfDay } from './day-plan.ts';
import { planDay } from './plan-day.ts';

const ROOMS = ['Kitchen', 'Living Room', 'Bedroom', 'Bath'];
const PEOPLE = ['Ada', 'Ben', 'Cleo'];
const houses = fc.record({
  seed: fc.nat(100_000),
  rooms: fc.integer({ min: 1, max: 4 }).map((count) => ROOMS.slice(0, count)),
  people: fc.integer({ min: 1, max: 3 }).map((count) => PEOPLE.slice(0, count)),
});

function dayOf(seed: number, rooms = ROOMS, people = PEOPLE) {
  return planDay(new SeededRandom(seed), { rooms, people });
}

describe('a planned day', () => {
  it('can be done as it is planned: nobody changes what is not theirs, and each room plays for one', () => {
    fc.assert(
      fc.property(houses, ({ seed, rooms, people }) => {
        const holds = new Map<string, { room: string; isPlaying: boolean }>();
        let last = 0;
        for (const { minute, who, act } of dayOf(seed, rooms, people)) {
          expect(minute).toBeGreaterThanOrEqual(last);
          expect(minute).toBeLessThan(DAY_MINUTES);
          last = minute;
          const own = holds.get(who);
          if ('room' in act) expect(rooms).toContain(act.room);
          if (act.kind === 'play' || act.kind === 'handOver') {
            if (act.kind === 'handOver') expect(own?.isPlaying).toBe(true);
            if (act.kind === 'handOver') expect(own?.room).not.toBe(act.room);
            for (const [other, held] of holds) if (held.room === act.room) holds.delete(other);
            holds.set(who, { room: act.room, isPlaying: true });
          } else if (act.kind === 'resume' || act.kind === 'pause') {
            expect(own?.isPlaying).toBe(act.kind === 'pause');
            holds.set(who, { room: own?.room ?? '', isPlaying: act.kind === 'resume' });
          } else if (act.kind !== 'volume') expect(own?.isPlaying).toBe(true);
        }
        expect([...holds.values()].filter(({ isPlaying }) => isPlaying)).toEqual([]);
      }),
    );
  });

  it('is the same for a seed, and another for another', () => {
    expect(dayOf(7)).toEqual(dayOf(7));
    expect(dayOf(7)).not.toEqual(dayOf(8));
  });

  it('has two at once in the evening, hand-overs, and quiet at night', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const day = dayOf(seed, ROOMS, ['Ada', 'Ben']);
      const evening = (who: string) => day.filter((it) => it.who === who && it.minute >= 730 && it.minute < 1_100);
      const [ada, ben] = [evening('Ada'), evening('Ben')];
      expect(Math.max(ada[0]?.minute ?? 0, ben[0]?.minute ?? 0)).toBeLessThan(
        Math.min(ada.at(-1)?.minute ?? 0, ben.at(-1)?.minute ?? 0),
      );
      for (const { minute, act } of day)
        if (minute > 1_150 && act.kind === 'volume') expect(act.percent).toBeLessThanOrEqual(12);
    }
    const kinds = new Set(dayOf(1).map(({ act }) => act.kind));
    for (const kind of ['play', 'handOver', 'skip', 'volume', 'pause']) expect([...kinds]).toContain(kind);
  });

  it('is told in words', () => {
    expect([timeOfDay(0), timeOfDay(65.9), timeOfDay(1_100)]).toEqual(['06:00', '07:05', '00:20']);
    expect(describeAct({ kind: 'volume', room: 'Bath', percent: 20 })).toBe('sets Bath to 20 %');
  });
});
