import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { RunRecorder } from './run-recorder.ts';
import { EVENTS_MAX, POINTS_MAX, runReportSchema, SERIES_MAX } from './run-report.ts';
import { type Point, thinSeries } from './thin-series.ts';

const HEAD = { kind: 'speakers', title: 'A run', startedAt: null, parameters: { count: 3 } } as const;

describe('a line that is thinned', () => {
  const lines = fc
    .array(fc.tuple(fc.nat(1_000), fc.integer()), { maxLength: 400 })
    .map((points): Point[] => points.sort(([left], [right]) => left - right));

  it('keeps its lowest, its highest, both ends and its order, and no more than it may', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 4, max: 100 }), (points, max) => {
        const thin = thinSeries(points, max);
        expect(thin.length).toBeLessThanOrEqual(max);
        expect([thin[0], thin.at(-1)]).toEqual([points[0], points.at(-1)]);
        const values = (all: readonly Point[]): number[] => all.map(([, value]) => value);
        expect(Math.max(...values(thin))).toBe(Math.max(...values(points)));
        expect(Math.min(...values(thin))).toBe(Math.min(...values(points)));
        const sorted = [...thin].sort(([left], [right]) => left - right);
        expect(thin).toEqual(sorted);
        if (points.length <= max) expect(thin).toEqual(points);
      }),
    );
  });

  it('shows one spike among a hundred thousand', () => {
    const points = Array.from({ length: 100_000 }, (_, index): Point => [index / 10, index === 77_777 ? 9 : 1]);
    expect(thinSeries(points)).toContainEqual([7_777.7, 9]);
  });
});

describe('a recorder', () => {
  it('says when things happened, since it began', async () => {
    const clock = new VirtualClock();
    await clock.advance(ms(5_000));
    const recorder = new RunRecorder(clock, HEAD);
    await clock.advance(ms(1_500));
    recorder.note({ who: 'Ada', what: 'plays', kind: 'command' });
    recorder.sample('buffer', 'Kitchen', 'buffer', 's', 12);
    recorder.sample('buffer', 'Kitchen', 'buffer', 's', Number.NaN);
    recorder.figure('commands', 1, '');
    recorder.figure('commands', 2, '');
    expect(runReportSchema.parse(recorder.report('passed'))).toEqual({
      format: 'tonearm.run.1',
      ...HEAD,
      outcome: 'passed',
      duration: 1.5,
      figures: [{ name: 'commands', value: 2, unit: '' }],
      series: [{ chart: 'buffer', who: 'Kitchen', name: 'buffer', unit: 's', points: [[1.5, 12]] }],
      events: [{ at: 1.5, who: 'Ada', what: 'plays', kind: 'command' }],
    });
  });

  it('keeps its bounds, lets logs go before problems, and says what is missing', async () => {
    const clock = new VirtualClock();
    const recorder = new RunRecorder(clock, HEAD);
    recorder.note({ who: 'Kitchen', what: 'fell silent', kind: 'problem' });
    for (let index = 0; index < 3 * POINTS_MAX; index += 1) {
      await clock.advance(ms(10));
      recorder.note({ who: 'Kitchen', what: `line ${index}`, kind: 'log' });
      recorder.sample('memory', null, 'memory', 'MB', index === 1_234 ? 900 : 100);
    }
    for (let index = 0; index <= SERIES_MAX; index += 1)
      recorder.sample('sockets', `speaker ${index}`, 'sockets', '', 1);
    const report = runReportSchema.parse(recorder.report('failed'));
    expect(report.events).toHaveLength(EVENTS_MAX);
    expect(report.events[0]?.kind).toBe('problem');
    expect(report.events.at(-1)?.what).toBe(`line ${3 * POINTS_MAX - 1}`);
    expect(report.series).toHaveLength(SERIES_MAX);
    expect(report.series[0]?.points.map(([, value]) => value)).toContain(900);
    expect(report.figures).toEqual([
      { name: 'events left out', value: 3 * POINTS_MAX + 1 - EVENTS_MAX, unit: '' },
      { name: 'lines left out', value: 2, unit: '' },
    ]);
  });
});
