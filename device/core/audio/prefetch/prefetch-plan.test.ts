import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { us } from '#protocol/vocabulary/units';
import { trackIdOf } from '#sim/speakers/ogg-segments';
import { HourlyBudget } from './hourly-budget.ts';
import {
  HEAD_BYTES_USUAL,
  type HeadState,
  PREFETCH_FROM_MS,
  PREFETCH_UNTIL_MS,
  type PrefetchView,
  planPrefetch,
} from './prefetch-plan.ts';

const tracks = (...numbers: readonly number[]) => numbers.map(trackIdOf);
const [TWO, THREE, FOUR, FIVE] = [trackIdOf(2), trackIdOf(3), trackIdOf(4), trackIdOf(5)];

function plan(changes: Partial<PrefetchView> & { readonly states?: Readonly<Record<string, HeadState>> } = {}) {
  const { states = {}, ...rest } = changes;
  return planPrefetch({
    bufferedMs: 60_000,
    isAwaiting: false,
    isUnderWay: false,
    budgetBytes: 1e9,
    hints: { queue: tracks(2, 3), shown: tracks(3, 4, 5) },
    taken: tracks(1, 2),
    headState: (trackId) => states[trackId] ?? 'unknown',
    ...rest,
  });
}

describe('what is fetched ahead of being asked for', () => {
  it('is what skips lead to, then what is shown, each once and with its reason, and nothing that the deck sees to', () => {
    expect(plan()).toEqual([
      { trackId: THREE, reason: 'queue' },
      { trackId: FOUR, reason: 'shown' },
      { trackId: FIVE, reason: 'shown' },
    ]);
    expect(plan({ taken: [] })[0]).toEqual({ trackId: TWO, reason: 'queue' });
  });

  it('leaves out what is there, and what did not come a while ago', () => {
    const states = { [THREE]: 'held', [FOUR]: 'refused', [FIVE]: 'missing' } as const;
    expect(plan({ states })).toEqual([{ trackId: FIVE, reason: 'shown' }]);
  });

  it.each<[string, Partial<PrefetchView>, boolean]>([
    ['while nothing plays', { bufferedMs: null }, true],
    ['with enough ahead', { bufferedMs: PREFETCH_FROM_MS }, true],
    ['with all of the track there', { bufferedMs: Number.POSITIVE_INFINITY }, true],
    ['with too little ahead', { bufferedMs: PREFETCH_FROM_MS - 1 }, false],
    ['with less ahead, once it has begun', { bufferedMs: PREFETCH_UNTIL_MS, isUnderWay: true }, true],
    ['with little ahead, though it has begun', { bufferedMs: PREFETCH_UNTIL_MS - 1, isUnderWay: true }, false],
    ['while somebody waits', { isAwaiting: true }, false],
    ['within its budget', { budgetBytes: HEAD_BYTES_USUAL }, true],
    ['beyond its budget', { budgetBytes: HEAD_BYTES_USUAL - 1 }, false],
  ])('%s: %j', (_when, view, isFetched) => {
    expect(plan(view).length > 0).toBe(isFetched);
  });
});

describe('an hourly budget', () => {
  it('is never overdrawn by more than the last spending, in any hour', () => {
    const step = fc.record({ waitMs: fc.integer({ min: 0, max: 600_000 }), amount: fc.integer({ min: 0, max: 400 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let nowUs = 0;
        const budget = new HourlyBudget({ nowUs: () => us(nowUs) }, 1_000, 250);
        const spent: { readonly atUs: number; readonly amount: number }[] = [];
        for (const { waitMs, amount } of steps) {
          nowUs += waitMs * 1_000;
          if (budget.left() < 100) continue;
          budget.spend(amount);
          spent.push({ atUs: nowUs, amount });
          const lately = spent.filter(({ atUs }) => atUs > nowUs - 3_600_000_000);
          // What was saved up, what an hour brings, and the last one's excess.
          expect(lately.reduce((sum, it) => sum + it.amount, 0)).toBeLessThanOrEqual(250 + 1_000 + 400);
        }
      }),
    );
  });

  it('comes back with time, up to what may be spent at once', () => {
    let nowUs = 0;
    const budget = new HourlyBudget({ nowUs: () => us(nowUs) }, 3_600, 100);
    budget.spend(100);
    expect(budget.left()).toBe(0);
    nowUs += 10_000_000;
    expect(budget.left()).toBeCloseTo(10);
    nowUs += 3_600_000_000;
    expect(budget.left()).toBe(100);
  });
});
