import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COMFORTABLE_MS,
  chooseQuality,
  improveQuality,
  type QualityReason,
  type QualityView,
  STEADY_MS,
  UP_SHARE,
} from './choose-quality.ts';

/** 24, 96, 160 and 320 kbit/s with their wrapping. */
const RATES = [25, 99, 165, 330];
const [LOWEST, MODEST, GOOD, BEST] = [0, 1, 2, 3];

const PLAYING: QualityView = {
  ratesKbps: RATES,
  segmentMs: 1_000,
  rung: GOOD,
  isAwaited: true,
  bufferMs: 5_000,
  throughputKbps: 200,
  seemsSlow: false,
  sinceChangeMs: Number.POSITIVE_INFINITY,
};

const START: Partial<QualityView> = { rung: null, bufferMs: 0 };

const cases: [string, Partial<QualityView>, number, QualityReason][] = [
  ['a start on a link of which nothing is known', { ...START, throughputKbps: null }, MODEST, 'link-unknown'],
  ['one that kept the manifest', { ...START, throughputKbps: null, seemsSlow: true }, LOWEST, 'link-seems-slow'],
  ['a start at home', { ...START, throughputKbps: 50_000 }, BEST, 'sound-soon'],
  ['a start over 4 Mbit/s: 24 ms instead of 41', { ...START, throughputKbps: 4_000 }, MODEST, 'sound-soon'],
  ['a start over a slow link', { ...START, throughputKbps: 300 }, LOWEST, 'sound-soon'],
  ['the rise at the next boundary', { rung: MODEST, bufferMs: 1_000, throughputKbps: 4_000 }, BEST, 'link-has-room'],
  ['the next track, for which nobody waits', { ...START, isAwaited: false, throughputKbps: 300 }, GOOD, 'ahead'],
  ['a link that carries it', {}, GOOD, 'steady'],
  ['a link that carries it hardly', { throughputKbps: 185 }, GOOD, 'steady'],
  ['a link that does not', { throughputKbps: 180 }, MODEST, 'link-too-slow'],
  ['the same with a comfortable buffer', { throughputKbps: 180, bufferMs: COMFORTABLE_MS }, GOOD, 'steady'],
  ['a dip with a full buffer', { throughputKbps: 80, bufferMs: 60_000 }, GOOD, 'buffer-bridges'],
  ['a dip with half a buffer', { throughputKbps: 80, bufferMs: 15_000 }, LOWEST, 'link-too-slow'],
  ['an outage', { throughputKbps: 0, bufferMs: 60_000 }, LOWEST, 'link-too-slow'],
  ['less room than a better one should have', { throughputKbps: 400, bufferMs: 60_000 }, GOOD, 'steady'],
  ['room for a better one', { throughputKbps: 480 }, BEST, 'link-has-room'],
  ['the same after a change', { throughputKbps: 480, sinceChangeMs: STEADY_MS - 1 }, GOOD, 'changed-lately'],
  ['the same with little in the buffer', { throughputKbps: 480, bufferMs: 1_500 }, GOOD, 'not-in-time'],
  ['a link of which nothing is known any more', { throughputKbps: null }, GOOD, 'link-unknown'],
];

describe('the choice of quality', () => {
  it.each(cases)('for %s', (_, view, rung, reason) => {
    expect(chooseQuality({ ...PLAYING, ...view })).toEqual({ rung, reason });
  });

  it('does not swing on a steady link, however near it is to a quality', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 1_000 }), fc.integer({ min: 0, max: 3 }), (throughputKbps, first) => {
        let rung: number | null = first;
        let ups = 0;
        let downs = 0;
        for (let bufferMs = 1_000; bufferMs <= 60_000; bufferMs += 500) {
          const next: number = chooseQuality({ ...PLAYING, rung, bufferMs, throughputKbps }).rung;
          if (next > rung) ups += 1;
          if (next < rung) downs += 1;
          rung = next;
        }
        expect(ups === 0 || downs === 0).toBe(true);
        expect(ups).toBeLessThanOrEqual(3);
      }),
    );
  });

  it('never goes up beyond the share that a better quality may take', () => {
    const view = fc.record({
      rung: fc.option(fc.nat(3)),
      isAwaited: fc.boolean(),
      bufferMs: fc.nat(60_000),
      throughputKbps: fc.integer({ min: 1, max: 2_000 }),
      sinceChangeMs: fc.nat(20_000),
    });
    fc.assert(
      fc.property(view, (facts) => {
        const { rung } = chooseQuality({ ...PLAYING, ...facts });
        expect(RATES[rung]).toBeDefined();
        const isUp = facts.rung !== null && rung > facts.rung;
        if (isUp) expect(RATES[rung]).toBeLessThanOrEqual(facts.throughputKbps * UP_SHARE);
      }),
    );
  });
});

describe('what is held in a poor quality', () => {
  it('is fetched again in the best that the link carries, and only what is poor', () => {
    expect(improveQuality({ ratesKbps: RATES, throughputKbps: 250 }, LOWEST)).toBe(GOOD);
    expect(improveQuality({ ratesKbps: RATES, throughputKbps: 100 }, LOWEST)).toBeNull();
    expect(improveQuality({ ratesKbps: RATES, throughputKbps: null }, LOWEST)).toBe(MODEST);
    expect(improveQuality({ ratesKbps: RATES, throughputKbps: 9_000 }, MODEST)).toBeNull();
  });
});
