import { describe, expect, it } from 'vitest';
import { drawPlan } from './draw-plan.ts';
import type { HousePlan, PlannedStep } from './house-plan.ts';
import { playPlan } from './play-plan.ts';
import { tellStory } from './tell-story.ts';
import { WorldRecord } from './world-record.ts';

const QUIET_HOUSE: HousePlan = {
  format: 'tonearm.plan.1',
  seed: 4,
  lastsMs: 100_000,
  house: {
    speakers: [{ name: 'speaker-1', offsetUs: 0, ppm: 0 }],
    phones: [{ name: 'phone-1', account: 0 }],
    trackSeconds: [30, 40, 50],
    sound: 'modelled',
    isDiscovered: false,
    access: null,
    latencyMs: 3,
    jitterMs: 4,
    trouble: null,
  },
  steps: [],
};
const play: PlannedStep = {
  kind: 'press',
  name: 'p0001',
  atMs: 1_000,
  phone: 'phone-1',
  wish: { kind: 'play', whom: 'speaker-1', tracks: [0, 1, 2], index: 0, positionMs: 0 },
};

describe('a plan that is played', () => {
  it('is the same run to the byte each time, whatever breaks in it', async () => {
    const plan = drawPlan(3, { minutes: 8, sound: 'modelled' });
    const [one, other] = [await playPlan(plan), await playPlan(plan)];
    expect(one.failure).toBeNull();
    expect(one.faults + one.presses).toBeGreaterThan(10);
    expect(other).toEqual(one);
    const record = new WorldRecord(plan);
    expect(await playPlan(plan, () => false, record)).toEqual(one);
    const { series, events, duration } = record.picture({ atMs: 400_000, message: 'two are heard' });
    expect(new Set(series.map(({ chart }) => chart))).toContain('buffer');
    expect(duration).toBeGreaterThan(470);
    expect(events.filter(({ kind }) => kind === 'problem')).toEqual([
      { at: 400, who: 'house', what: 'two are heard', kind: 'problem' },
    ]);
    expect(Math.max(...events.map(({ at }) => at))).toBe(400);
    const next = await playPlan(drawPlan(4, { minutes: 8, sound: 'modelled' }));
    expect(next.fingerprint).not.toBe(one.fingerprint);
  });

  it('finds again and again that all is well while nobody does anything', async () => {
    const { failure, agreements, acknowledged } = await playPlan({ ...QUIET_HOUSE, lastsMs: 900_000, steps: [play] });
    expect(failure).toBeNull();
    expect(acknowledged).toBe(1);
    expect(agreements).toBeGreaterThan(2);
  });

  it('asks for nothing of who is not there, and breaks nothing that is not', async () => {
    const steps: PlannedStep[] = [
      { kind: 'press', name: 'p0002', atMs: 5_000, phone: 'phone-9', wish: { kind: 'pause', whom: null } },
      { kind: 'press', name: 'p0003', atMs: 5_000, phone: 'phone-1', wish: { kind: 'transfer', to: 'speaker-9' } },
      { kind: 'fault', name: 'f1', atMs: 6_000, untilMs: 7_000, fault: 'speaker-killed', target: 'speaker-9' },
    ];
    expect(await playPlan({ ...QUIET_HOUSE, steps })).toMatchObject({ failure: null, presses: 0, faults: 0 });
  });

  it('breaks what waits for its moment when a speaker is told something, and otherwise never', async () => {
    const steps = (['told', 'answered'] as const).map((upon): PlannedStep => {
      const fault = { fault: 'speaker-killed', target: 'speaker-1', upon };
      return { kind: 'fault', name: `f-${upon}`, atMs: 500, untilMs: 60_000, ...fault };
    });
    for (const step of steps) {
      const struck = await playPlan({ ...QUIET_HOUSE, steps: [step, play] });
      expect(struck).toMatchObject({ failure: null, presses: 1, faults: 1 });
      expect(struck.timeline).toMatch(/ 1\.\d+ .*asks: play.*FAULT +f-.*is killed.*MENDED +f-/s);
      expect(await playPlan({ ...QUIET_HOUSE, steps: [step] })).toMatchObject({ failure: null, faults: 0 });
    }
  });

  it('names a fault that there is not', async () => {
    const steps: PlannedStep[] = [{ kind: 'fault', name: 'f1', atMs: 1, untilMs: 2, fault: 'flood', target: 'bridge' }];
    expect((await playPlan({ ...QUIET_HOUSE, steps })).failure?.message).toContain('no fault is called "flood"');
  });

  it('is told as a story: who, what, when, and what was wrong', async () => {
    const fault: PlannedStep = {
      ...{ kind: 'fault', name: 'f1', atMs: 61_000, untilMs: 62_500 },
      ...{ fault: 'bridge-killed', target: 'bridge' },
    };
    const plan = { ...QUIET_HOUSE, steps: [fault, play] };
    const { timeline } = await playPlan(plan);
    const story = tellStory(plan, { atMs: 70_000, message: 'nobody sings' }, timeline);
    expect(story).toContain('Seed 4: 1 person with phone-1 of person 1; speaker-1;');
    expect(story).toContain('   0:01.000  phone-1 plays 3 tracks from the 1th, 0 s in, on speaker-1 (p0001)');
    expect(story).toContain('   1:01.000  bridge: bridge killed (f1)\n   1:02.500  bridge: mended (f1)');
    expect(story).toContain('   1:10.000  WRONG: nobody sings');
    expect(story).toMatch(/bridge +is killed/);
  });
});
