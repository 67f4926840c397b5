import { describe, expect, it } from 'vitest';
import { compareDecisions, TIME_TOLERANCE_US } from './compare-decisions.ts';
import type { Decision } from './decisions.ts';

const ALL = { fromUs: 0, toUs: 60_000_000 };
const SECOND = 1_000_000;
const decision = (t: number, words: string, more: Partial<Decision> = {}): Decision => ({
  t,
  lane: 'answers',
  words,
  place: null,
  ...more,
});
const first = (then: readonly Decision[], now: readonly Decision[], span = ALL) =>
  compareDecisions(then, now, span)[0] ?? null;

describe('decisions compared', () => {
  it('are the same where timers and threads had another mood', () => {
    const then = [decision(0, 'dials its bridge', { lane: 'dials' }), decision(SECOND, 'says hello')];
    const now = [
      decision(SECOND - TIME_TOLERANCE_US, 'says hello'),
      decision(90, 'dials its bridge', { lane: 'dials' }),
    ];
    expect(first(then, now)).toBeNull();
  });

  it('differ by what is done', () => {
    expect(first([decision(5, 'answers: done')], [decision(6, 'answers: refused')])).toEqual({
      t: 5,
      what: 'then it answers: done, today it answers: refused',
    });
  });

  it('differ by when', () => {
    const late = decision(3 * SECOND, 'says hello');
    expect(first([decision(SECOND, 'says hello')], [late])?.what).toBe('it says hello 2.0 s later than then');
    expect(first([late], [decision(SECOND, 'says hello')])?.what).toBe('it says hello 2.0 s sooner than then');
  });

  it('differ by the place in the track', () => {
    const at = (place: number) => [decision(0, 'has its sound seek', { place })];
    expect(first(at(10), at(10.4))).toBeNull();
    expect(first(at(10), at(12))?.what).toBe('it has its sound seek at 12.0 s of the track, then at 10.0 s');
  });

  it('differ by what is missing, and by what is new', () => {
    const [one, two] = [decision(0, 'one'), decision(SECOND, 'two')];
    expect(first([one, two], [one])).toEqual({ t: SECOND, what: 'then it two, today it does not' });
    expect(first([one], [one, two])).toEqual({ t: SECOND, what: 'today it two, which it did not then' });
  });

  it('are not looked for where the recording says nothing', () => {
    const late = decision(ALL.toUs - 1, 'came of what came at the very end');
    expect(first([], [late])).toBeNull();
    expect(first([], [decision(SECOND, 'finds its way in')], { ...ALL, fromUs: 2 * SECOND })).toBeNull();
  });

  it('name the earliest of all lanes first', () => {
    const then = [decision(9, 'nine'), decision(3, 'three', { lane: 'dials' })];
    expect(compareDecisions(then, [], ALL).map(({ t }) => t)).toEqual([3, 9]);
  });
});
