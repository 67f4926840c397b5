import { describe, expect, it } from 'vitest';
import { drawPlan } from './draw-plan.ts';
import type { HousePlan } from './house-plan.ts';
import { kindOf, SHRINK_RUNS_MAX, shrinkPlan } from './shrink-plan.ts';

const PLAN = drawPlan(5, { minutes: 60, speakers: 3, phones: 3 });
const presses = PLAN.steps.filter((step) => step.kind === 'press');
const culprit = presses[Math.floor(presses.length / 2)];
if (culprit === undefined) throw new Error('the plan has presses');

/** Fails whenever the culprit is pressed. */
const failsWithCulprit = async ({ steps }: HousePlan) => {
  const step = steps.find(({ name, kind }) => kind === 'press' && name === culprit.name);
  return step === undefined ? null : { atMs: step.atMs, message: `speaker-2 has ${steps.length} of something` };
};

describe('a plan that fails', () => {
  it('is shrunk to what it takes: the step, who makes it, and no more time', async () => {
    const first = await failsWithCulprit(PLAN);
    if (first === null) throw new Error('it fails');
    const { plan, failure, runs } = await shrinkPlan(PLAN, first, failsWithCulprit);
    expect(plan.steps.map(({ name }) => name)).toEqual([culprit.name]);
    expect(plan.house.phones.map(({ name }) => name)).toEqual([culprit.phone]);
    expect(plan.house.speakers.length).toBeLessThanOrEqual(1 + Number(PLAN.house.speakers.length > 2));
    expect(plan.house.trouble).toBeNull();
    expect(plan.lastsMs).toBeLessThan(PLAN.lastsMs);
    expect(failure.message).toBe('speaker-2 has 1 of something');
    expect(runs).toBeLessThanOrEqual(SHRINK_RUNS_MAX);
  });

  it('is not taken for another that fails otherwise, and is given up after so many runs', async () => {
    let runs = 0;
    const other = async () => {
      runs += 1;
      return { atMs: 1, message: 'quite another thing' };
    };
    const shrunk = await shrinkPlan(PLAN, { atMs: PLAN.lastsMs, message: 'the first' }, other);
    expect(shrunk.plan).toBe(PLAN);
    expect(runs).toBe(shrunk.runs);
    expect(runs).toBeLessThanOrEqual(SHRINK_RUNS_MAX);
  });

  it('fails in the same way whoever it befalls and whenever', () => {
    expect(kindOf('in epoch 78 wrote speaker-1 for the house and speaker-1 for account-2')).toBe(
      kindOf('in epoch 3 wrote speaker-2 for account-3 and speaker-2 for the house'),
    );
    expect(kindOf('phone-1 shows {"a":1}, the bridge knows {"a":{"b":2}}')).toBe(
      kindOf('phone-2 shows {}, the bridge knows {}'),
    );
    expect(kindOf('speaker-1 sounds and has no session')).not.toBe(kindOf('speaker-1 says it plays and is silent'));
  });
});
