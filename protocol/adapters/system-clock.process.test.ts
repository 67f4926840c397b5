import { describe, expect, it, vi } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { createSystemClock } from './system-clock.ts';

const DAY_MS = 86_400_000;

describe('system clock', () => {
  it('counts whole microseconds that never step back', () => {
    const clock = createSystemClock();
    let before = clock.nowUs();
    for (let reading = 0; reading < 1_000; reading += 1) {
      const now = clock.nowUs();
      expect(Number.isSafeInteger(now)).toBe(true);
      expect(now).toBeGreaterThanOrEqual(before);
      before = now;
    }
  });

  it('counts at the speed of the calendar', () => {
    const clock = createSystemClock();
    const startUs = clock.nowUs();
    const startMs = performance.now();
    while (performance.now() - startMs < 20);
    expect((clock.nowUs() - startUs) / 1_000).toBeGreaterThan(19);
    expect(Math.abs(clock.wallMs() - Date.now())).toBeLessThan(1_000);
  });

  it('fires never early, and not inside the call that set it', async () => {
    const clock = createSystemClock();
    for (const delay of [0, 0.4, 1, 3.7]) {
      const startUs = clock.nowUs();
      let isInside = true;
      await new Promise<void>((resolve) => {
        clock.setTimer('test', ms(delay), () => {
          expect(isInside).toBe(false);
          resolve();
        });
        isInside = false;
      });
      expect(clock.nowUs() - startUs).toBeGreaterThanOrEqual(delay * 1_000);
    }
  });

  it('keeps a cancelled timer from firing, and takes a second cancel', async () => {
    const clock = createSystemClock();
    const timer = clock.setTimer('test', ms(0), () => expect.unreachable('cancelled'));
    expect(timer.name).toBe('test');
    timer.cancel();
    timer.cancel();
    await new Promise<void>((resolve) => void clock.setTimer('after', ms(3), resolve));
  });

  it('lets none overtake one that the runtime fires early', () => {
    vi.useFakeTimers();
    let nowUs = 0;
    let stepUs = 0;
    const hrtime = vi.spyOn(process, 'hrtime').mockImplementation(() => {
      nowUs += stepUs;
      return [0, nowUs * 1_000];
    });
    try {
      const clock = createSystemClock();
      const fired: string[] = [];
      clock.setTimer('first', ms(5), () => fired.push('first'));
      nowUs = 400;
      clock.setTimer('second', ms(5), () => fired.push('second'));
      // The runtime's 5 ms are over after 4.9; the second is due by the time it is looked at.
      nowUs = 4_400;
      stepUs = 500;
      vi.advanceTimersByTime(20);
      expect(fired).toEqual(['first', 'second']);
    } finally {
      hrtime.mockRestore();
      vi.useRealTimers();
    }
  });

  it('fires the others although one throws', () => {
    vi.useFakeTimers();
    try {
      const clock = createSystemClock();
      const fired: string[] = [];
      clock.setTimer('thrower', ms(5), () => {
        throw new RangeError('thrown by a timer');
      });
      clock.setTimer('other', ms(5), () => fired.push('other'));
      expect(() => vi.advanceTimersByTime(10)).toThrow('thrown by a timer');
      vi.advanceTimersByTime(10);
      expect(fired).toEqual(['other']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('waits longer than the runtime can', () => {
    vi.useFakeTimers();
    try {
      const clock = createSystemClock();
      let isFired = false;
      clock.setTimer('far', ms(60 * DAY_MS), () => {
        isFired = true;
      });
      vi.advanceTimersByTime(59 * DAY_MS);
      expect(isFired).toBe(false);
      vi.advanceTimersByTime(DAY_MS + 1);
      expect(isFired).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
