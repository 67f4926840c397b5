import { describe, expect, it } from 'vitest';
import { FAULT_KINDS } from '#sim/world/faults/fault-kinds';
import { drawPlan } from './draw-plan.ts';
import { parsePlan } from './house-plan.ts';

const SEEDS = Array.from({ length: 60 }, (_, place) => place + 1);
const HOUR_MS = 3_600_000;

describe('a plan drawn from a seed', () => {
  it('is the same for the same seed and another for the next', () => {
    expect(drawPlan(7, { minutes: 60 })).toEqual(drawPlan(7, { minutes: 60 }));
    expect(drawPlan(7, { minutes: 60 }).steps).not.toEqual(drawPlan(8, { minutes: 60 }).steps);
  });

  it('is read back from its file as it was written', () => {
    const plan = drawPlan(11, { minutes: 10 });
    expect(parsePlan(JSON.stringify(plan), 'plan.json')).toEqual(plan);
  });

  it('wants everything that a phone can want, of those who are there, within its time', () => {
    const plans = SEEDS.map((seed) => drawPlan(seed, { minutes: 60 }));
    const presses = plans.flatMap(({ steps }) => steps.filter((step) => step.kind === 'press'));
    expect([...new Set(presses.map(({ wish }) => wish.kind))].sort()).toEqual(
      [
        ...['enqueue', 'next', 'pause', 'play', 'previous', 'queueAdd', 'queueClear', 'queueMove', 'queueRemove'],
        ...['resume', 'seek', 'setRepeat', 'setShuffle', 'setVolume', 'transfer'],
      ].sort(),
    );
    const wrong = plans.flatMap(({ house, steps, lastsMs }) => {
      const there = new Set(house.phones.map(({ name }) => name));
      return steps.filter((step) => step.atMs > lastsMs || (step.kind === 'press' && !there.has(step.phone)));
    });
    expect(wrong).toEqual([]);
  });

  it('breaks whatever can break in a house', () => {
    const faults = SEEDS.flatMap((seed) => drawPlan(seed, { minutes: 60 }).steps.filter((it) => it.kind === 'fault'));
    const broken = new Set(faults.map(({ fault }) => fault));
    expect([...broken].every((name) => FAULT_KINDS.some((kind) => kind.name === name))).toBe(true);
    expect(broken).toContain('bridge-killed');
    expect(broken).toContain('cut-off-silent');
    expect(new Set(faults.map(({ upon }) => upon))).toEqual(new Set([undefined, 'told', 'answered']));
    for (const { atMs, untilMs } of faults) expect(untilMs).toBeGreaterThanOrEqual(atMs);
  });

  it('of days lets the house sleep most of the time, and makes an end of the music', () => {
    const { steps, house } = drawPlan(3, { minutes: 7 * 24 * 60 });
    const presses = steps.filter((step) => step.kind === 'press');
    const hours = new Set(presses.map(({ atMs }) => Math.floor(atMs / HOUR_MS)));
    expect(hours.size).toBeGreaterThan(7);
    expect(hours.size).toBeLessThan(7 * 10);
    expect(presses.slice(-house.phones.length).every(({ wish }) => wish.kind === 'pause')).toBe(true);
  });
});

describe('a plan from a file', () => {
  it.each([
    ['is no JSON', '{', /plan.json: is not JSON/],
    ['is something else', '{"format":"tonearm.run.1"}', /plan.json: format/],
    [
      'wants what nobody can want',
      JSON.stringify({
        ...drawPlan(1, { minutes: 1 }),
        steps: [{ kind: 'press', name: 'p1', atMs: 0, phone: 'phone-1', wish: { kind: 'dance' } }],
      }),
      /plan.json: steps.0.wish/,
    ],
  ])('that %s is refused with where', (_, text, message) => {
    expect(() => parsePlan(text, 'plan.json')).toThrow(message);
  });
});
