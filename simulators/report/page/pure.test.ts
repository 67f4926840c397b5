import { describe, expect, it } from 'vitest';
import { joinPageScript } from '../page-script.ts';
import { rerunCommand } from '../rerun-command.ts';
import type { ReportEvent } from '../run-report.ts';
import { chartsOf, faultSpans, shownOwners, spread } from './run-parts.js';
import { formatDuration, formatInstant, formatValue, scaleOf, timeMarks, valueAt } from './values.js';

describe('what a page says in numbers', () => {
  it('are values as people read them', () => {
    const values: [number, string][] = [
      [0.012345, 's'],
      [1_284_312, ''],
      [183_200_000, 'B'],
      [0, 'B'],
      [-3.5, 'ms'],
    ];
    expect(values.map(([value, unit]) => formatValue(value, unit))).toEqual([
      '0.01235 s',
      '1,284,312',
      '183.2 MB',
      '0 B',
      '-3.5 ms',
    ]);
  });

  it('are instants with as many decimals as tell them apart', () => {
    expect([formatInstant(7.25, 0.01), formatInstant(59.96, 0.1), formatInstant(720), formatInstant(3_723)]).toEqual([
      '0:07.25',
      '1:00.0',
      '12:00',
      '1:02:03',
    ]);
    expect([3.2, 60, 125, 3_600, 15_000].map(formatDuration)).toEqual([
      '3.2 s',
      '1 min',
      '2 min 5 s',
      '1 h',
      '4 h 10 min',
    ]);
  });

  it('are scales with round marks that hold everything', () => {
    expect(scaleOf(0, 63.9, 3)).toEqual({ low: 0, high: 100, marks: [0, 50, 100] });
    expect(scaleOf(-3, 4, 3).marks).toEqual([-5, 0, 5]);
    expect(timeMarks(0, 307, 12).marks).toEqual([0, 30, 60, 90, 120, 150, 180, 210, 240, 270, 300]);
    expect(timeMarks(1.02, 1.31, 4)).toMatchObject({ step: 0.1 });
  });

  it('are what was known last', () => {
    const points: [number, number][] = [
      [1, 10],
      [2, 20],
      [2, 25],
    ];
    expect([0.5, 1, 1.9, 2, 9].map((at) => valueAt(points, at))).toEqual([null, 10, 10, 25, 25]);
    expect(valueAt([], 1)).toBeNull();
  });
});

describe('a run taken apart', () => {
  const event = (at: number, who: string, kind: ReportEvent['kind'], what = 'x') => ({ at, who, kind, what });

  it('has a span for each fault, to its own end, or to that of the run', () => {
    const events = [
      event(1, 'net', 'fault', 'cut'),
      event(2, 'net', 'fault', 'slow'),
      event(3, 'net', 'mended', 'cut'),
      event(4, 'net', 'mended', 'all is well'),
      event(5, 'net', 'mended', 'once more'),
      event(6, 'disk', 'fault', 'full'),
    ];
    const spans = faultSpans(events, 10).map(({ from, to }) => [from, to]);
    expect(spans).toEqual([
      [1, 3],
      [2, 4],
      [6, 10],
    ]);
  });

  it('has its charts in the order in which one asks, without those that are empty', () => {
    const line = (chart: string, points: [number, number][]) => ({ chart, who: null, name: chart, unit: '', points });
    const series = [line('own', [[0, 1]]), line('memory', [[0, 1]]), line('buffer', [[0, 1]]), line('quality', [])];
    expect(chartsOf({ series }).map(({ name }) => name)).toEqual(['buffer', 'memory', 'own']);
  });

  it('shows those who were chosen, else those whom the search names, else all', () => {
    const owners = ['Kitchen', 'Bath'];
    expect(shownOwners(owners, new Set(['Bath']), 'kit')).toEqual(new Set(['Bath']));
    expect(shownOwners(owners, new Set(), 'kit')).toEqual(new Set(['Kitchen']));
    expect(shownOwners(owners, new Set(), 'refused')).toBeNull();
    expect(spread([3, null, 1, 2])).toEqual({ lowest: 1, median: 2, highest: 3 });
    expect(spread([null])).toBeNull();
  });
});

describe('the page around it', () => {
  it('has one script that can be run, of modules whose names do not collide', () => {
    const script = joinPageScript();
    expect(script).not.toMatch(/^\s*(import|export)\b/m);
    // Parsed, not run: there is no page here.
    expect(() => new Function(script)).not.toThrow();
  });

  it('says how to run it again, in words that a shell takes as they are meant', () => {
    const parameters = {
      FILE: "it's.json",
      seeds: '1..200',
      minutes: 60,
      'no-day': true,
      mdns: false,
      hostName: 'a b',
    };
    expect(rerunCommand({ kind: 'replay', parameters })).toBe(
      "tonearm simulate replay 'it'\\''s.json' --seeds 1..200 --minutes 60 --no-day --host-name 'a b'",
    );
  });
});
