/** What is told of lateness is never better than it was, and never worse than the worst. */
import { describe, expect, it } from 'vitest';
import { LatenessMeter } from './lateness-meter.ts';

describe('a lateness meter', () => {
  it('tells of nothing that nothing was late', () => {
    const meter = new LatenessMeter();
    expect([meter.shareWithinMs(0.99), meter.worstMs]).toEqual([0, 0]);
  });

  it('tells the share that was in time by the span it ends in', () => {
    const meter = new LatenessMeter();
    for (let count = 0; count < 98; count += 1) meter.note(-300);
    meter.note(700);
    meter.note(2_000_000);
    expect([0.5, 0.98, 0.99, 1].map((share) => meter.shareWithinMs(share))).toEqual([0, 0, 1, 2_000]);
    expect(meter.worstMs).toBe(2_000);
    expect([meter.takeRecentWorstMs(), meter.takeRecentWorstMs()]).toEqual([2_000, 0]);
  });
});
