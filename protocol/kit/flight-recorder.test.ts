import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { FLIGHT_CHAPTERS, FlightRecorder } from './flight-recorder.ts';

const LIMITS = { windowUs: 8_000_000, weight: 80_000 };
const drew = (fraction: number) => ({ kind: 'drew', fraction });

describe('a flight recorder', () => {
  it('holds all from its beginning while there is room', async () => {
    const clock = new VirtualClock();
    const recorder = new FlightRecorder(clock, LIMITS);
    recorder.add(() => [{ port: 'network', event: { kind: 'changed' } }]);
    recorder.note('random', drew(0.1));
    await clock.advance(ms(900));
    recorder.note('random', drew(0.2));
    const held = recorder.held();
    expect(held).toMatchObject({ startUs: 0, isWhole: true });
    expect(held.notes.map(({ atUs, event }) => [atUs, event['fraction']])).toEqual([
      [0, 0.1],
      [900_000, 0.2],
    ]);
  });

  it('lets the oldest go by age, and begins with how things stood', async () => {
    const clock = new VirtualClock();
    const recorder = new FlightRecorder(clock, LIMITS);
    let last = 0;
    recorder.add(() => [{ port: 'random', event: drew(last) }]);
    for (let second = 1; second <= 40; second += 1) {
      await clock.advance(ms(1_000));
      recorder.note('random', drew(second));
      last = second;
    }
    const held = recorder.held();
    expect(held.isWhole).toBe(false);
    const [standing, ...notes] = held.notes.map(({ event }) => Number(event['fraction']));
    expect(clock.nowUs() - held.startUs).toBeLessThanOrEqual(LIMITS.windowUs);
    // What stood is what was noted just before the first that is held.
    expect(standing).toBe((notes[0] ?? 0) - 1);
    expect(notes.at(-1)).toBe(40);
  });

  it('lets the oldest go by weight', () => {
    const recorder = new FlightRecorder(new VirtualClock(), LIMITS);
    for (let count = 0; count < 10_000; count += 1) {
      recorder.note('link', { kind: 'received', link: 1, text: 'x'.repeat(1_000) });
    }
    const weight = recorder.held().notes.reduce((sum, { event }) => sum + String(event['text']).length, 0);
    expect(weight).toBeLessThanOrEqual(LIMITS.weight + LIMITS.weight / FLIGHT_CHAPTERS);
    expect(weight).toBeGreaterThan(LIMITS.weight / 2);
  });
});
