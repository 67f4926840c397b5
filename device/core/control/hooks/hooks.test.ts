import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '#protocol/kit/silent-logger';
import { ms } from '#protocol/vocabulary/units';
import { VirtualHookRunner } from '#sim/board/virtual-hook-runner';
import { VirtualClock } from '#sim/world/virtual-clock';
import { type HookEvent, hookCallOf } from './hook-event.ts';
import { addHook, EMPTY_HOOK_QUEUE, HOOKS_WAITING_MAX, subjectOf, takeNext } from './hook-queue.ts';
import { createHooks, HOOK_WITHIN_MS } from './hooks.ts';
import { eventsBetween, followFacts, quietFacts, type SpeakerFacts } from './speaker-facts.ts';

const volume = (value: number): HookEvent => ({ event: 'volume', volume: value });
const problem = (code: string): HookEvent => ({ event: 'error', code, message: 'a problem' });
const anyEvent: fc.Arbitrary<HookEvent> = fc.oneof(
  fc.nat(100).map(volume),
  fc.constantFrom<HookEvent>({ event: 'stopped' }, { event: 'disconnected' }, { event: 'playing', trackId: 'a' }),
  fc.constantFrom('sink.lost', 'fetch.timed-out').map(problem),
);

describe('what waits for a hook program', () => {
  it('is each subject once, as it is last, in the order of what happened last', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 100 }), (events) => {
        const { waiting } = events.reduce(addHook, EMPTY_HOOK_QUEUE);
        expect(waiting.length).toBeLessThanOrEqual(HOOKS_WAITING_MAX);
        const lastOf = (event: HookEvent) => events.findLast((it) => subjectOf(it) === subjectOf(event));
        const states = waiting.filter((it) => subjectOf(it) !== null);
        expect(new Set(states.map(subjectOf)).size).toBe(states.length);
        for (const state of states) expect(lastOf(state)).toBe(state);
        // Nothing that is a state is let go, however many errors there are.
        const subjects = new Set(events.map(subjectOf).filter((it) => it !== null));
        expect(states).toHaveLength(subjects.size);
        const places = waiting.map((it) => events.lastIndexOf(it));
        expect(places).toEqual(places.toSorted((a, b) => a - b));
      }),
    );
  });

  it('says how much was let go, once', () => {
    const errors = Array.from({ length: HOOKS_WAITING_MAX + 5 }, (_, index) => problem(`e${index}`));
    const queue = [volume(1), ...errors].reduce(addHook, EMPTY_HOOK_QUEUE);
    expect(queue.letGo).toBe(6);
    expect(queue.waiting[0]).toEqual(volume(1));
    expect(takeNext(queue).queue.letGo).toBe(0);
  });
});

describe('hooks', () => {
  const behaving = (takes: number | null) => {
    const clock = new VirtualClock();
    const behaviour = { takes: takes === null ? null : ms(takes), exitCode: 0, output: '' };
    const runner = new VirtualHookRunner(clock, () => behaviour);
    const hooks = createHooks({ runner, logger: silentLogger }, { name: 'Kitchen' });
    const told = () => runner.calls.map(({ line }) => JSON.parse(line));
    return { clock, runner, hooks, told };
  };

  it('are told one at a time, and of a turned knob the first and the last', async () => {
    const { clock, runner, hooks, told } = behaving(1_000);
    for (let value = 0; value <= 20; value += 1) hooks.tell(volume(value));
    await clock.advance(ms(5_000));
    expect(told()).toEqual([
      { event: 'volume', volume: 0, speaker: 'Kitchen' },
      { event: 'volume', volume: 20, speaker: 'Kitchen' },
    ]);
    expect(runner.mostAtOnce).toBe(1);
    hooks.tell({ event: 'stopped' });
    await clock.advance(ms(2_000));
    expect(told().at(-1)).toEqual({ event: 'stopped', speaker: 'Kitchen' });
  });

  it('go on after a program that hangs', async () => {
    const { clock, hooks, told } = behaving(null);
    hooks.tell(volume(1));
    hooks.tell({ event: 'stopped' });
    await clock.advance(ms(HOOK_WITHIN_MS - 1));
    expect(told()).toHaveLength(1);
    await clock.advance(ms(2));
    expect(told()).toHaveLength(2);
  });

  it('are over when they are stopped, also while one runs', async () => {
    const { clock, hooks, told } = behaving(null);
    hooks.tell(volume(1));
    hooks.tell({ event: 'stopped' });
    await hooks.stop();
    hooks.tell(volume(2));
    await clock.advance(ms(60_000));
    expect(told()).toHaveLength(1);
    expect(clock.timers()).toEqual([]);
  });
});

describe('an event as a program is told it', () => {
  it('is in the environment and on one line', () => {
    const call = hookCallOf({ event: 'track-changed', trackId: 'abc' }, { name: 'Küche' });
    expect(call.environment).toEqual({
      TONEARM_EVENT: 'track-changed',
      TONEARM_EVENT_TRACK_ID: 'abc',
      TONEARM_EVENT_SPEAKER: 'Küche',
    });
    expect(JSON.parse(call.line)).toEqual({ event: 'track-changed', trackId: 'abc', speaker: 'Küche' });
  });

  it('never has a line break or a NUL in it, whatever a message says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (message) => {
        const { environment, line } = hookCallOf({ event: 'error', code: 'sink.lost', message }, { name: 'x' });
        expect(environment['TONEARM_EVENT_MESSAGE']).not.toMatch(/[\n\0]/);
        expect(line).not.toContain('\n');
      }),
    );
  });
});

describe('what lies between two looks at a speaker', () => {
  const quiet = quietFacts(40);
  const playing: SpeakerFacts = { ...quiet, activity: 'playing', trackId: 'a' };

  it('is what has changed, and nothing when nothing has', () => {
    const bridge = { name: 'House', address: 'ws://h:1' };
    const trouble = { code: 'sink.lost', message: 'gone' };
    expect(eventsBetween(quiet, quiet)).toEqual([]);
    expect(eventsBetween(quiet, { ...playing, bridge, volume: 50 })).toEqual([
      { event: 'connected', bridge: 'House', address: 'ws://h:1' },
      { event: 'volume', volume: 50 },
      { event: 'track-changed', trackId: 'a' },
      { event: 'playing', trackId: 'a' },
    ]);
    expect(eventsBetween({ ...playing, bridge }, { ...quiet, problem: trouble })).toEqual([
      { event: 'disconnected' },
      { event: 'error', ...trouble },
      { event: 'stopped' },
    ]);
  });

  it('is not a pause where it only waits for more to play', () => {
    const waits = { ...playing, activity: null };
    expect(eventsBetween(playing, waits)).toEqual([]);
    expect(eventsBetween(followFacts(playing, waits), playing)).toEqual([]);
  });
});
