import { describe, expect, it } from 'vitest';
import { createFigure, createReport, medianOf, renderReport } from './bench.ts';

describe('figures', () => {
  it('takes the median of odd and even runs', () => {
    expect(medianOf([9, 1, 5])).toBe(5);
    expect(medianOf([4, 1, 2, 9])).toBe(3);
    expect(() => medianOf([])).toThrow(/needs a value/);
  });

  it.each([
    { values: [10], reach: 10, must: 20, better: 'lower' as const, holds: 'reach' },
    { values: [15], reach: 10, must: 20, better: 'lower' as const, holds: 'must' },
    { values: [21], reach: 10, must: 20, better: 'lower' as const, holds: 'none' },
    { values: [21], reach: 20, must: 10, better: 'higher' as const, holds: 'reach' },
    { values: [9], reach: 20, must: 10, better: 'higher' as const, holds: 'none' },
  ])('$values against must $must, reach $reach: $holds', ({ holds, ...bars }) => {
    expect(createFigure({ key: 'k', unit: 'ms', ...bars }).holds).toBe(holds);
  });

  it('judges a ratio against the peer of the same run, and refuses one without a peer', () => {
    const peer = { name: 'mpd', values: [10, 10, 10] };
    expect(createFigure({ key: 'k', unit: 'ms', values: [19], must: { ratio: 2 }, better: 'lower', peer }).holds).toBe(
      'must',
    );
    expect(createFigure({ key: 'k', unit: 'ms', values: [21], must: { ratio: 2 }, better: 'lower', peer }).holds).toBe(
      'none',
    );
    expect(() => createFigure({ key: 'k', unit: 'ms', values: [1], must: { ratio: 2 }, better: 'lower' })).toThrow(
      /needs a peer/,
    );
  });

  it('shows every figure in the table', () => {
    const figure = createFigure({
      key: 'idle PSS',
      unit: 'MB',
      values: [40, 50],
      better: 'lower',
      peer: { name: 'mpd', values: [20] },
    });
    const text = renderReport(createReport('household', [figure], new Date(0)));
    expect(text).toContain('idle PSS');
    expect(text).toContain('45 MB');
    expect(text).toContain('mpd 20');
  });
});
