import { describe, expect, it } from 'vitest';
import { ms, us } from '#protocol/vocabulary/units';
import { VirtualClock } from './virtual-clock.ts';

describe('VirtualClock', () => {
  it('stands still until it is advanced, and then lands exactly at the end', async () => {
    const clock = new VirtualClock(us(500));
    expect(clock.nowUs()).toBe(500);
    await clock.advance(ms(2.5));
    expect(clock.nowUs()).toBe(3000);
  });

  it('runs promise chains between two timers of the same instant', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.setTimer('first', ms(10), async () => {
      for (let turn = 0; turn < 10; turn += 1) await undefined;
      seen.push('chain of the first');
    });
    clock.setTimer('second', ms(10), () => seen.push('second'));
    await clock.advance(ms(10));
    expect(seen).toEqual(['chain of the first', 'second']);
  });

  it('fires what a timer sets within the span, and leaves what falls after it', async () => {
    const clock = new VirtualClock();
    const at: number[] = [];
    const again = (): void => {
      at.push(clock.nowUs());
      clock.setTimer('tick', ms(4), again);
    };
    clock.setTimer('tick', ms(4), again);
    await clock.advance(ms(10));
    expect(at).toEqual([4000, 8000]);
    expect(clock.timers()).toEqual(['tick']);
    expect(clock.nowUs()).toBe(10_000);
  });

  it('stops at the instant a condition comes true', async () => {
    const clock = new VirtualClock();
    let rung = false;
    clock.setTimer('bell', ms(7), () => {
      rung = true;
    });
    expect(await clock.runUntil(() => rung, ms(100))).toBe(true);
    expect(clock.nowUs()).toBe(7000);
    expect(await clock.runUntil(() => false, ms(3))).toBe(false);
    expect(clock.nowUs()).toBe(10_000);
  });

  it('refuses a loop that never lets time pass', async () => {
    const clock = new VirtualClock();
    const spin = (): void => {
      clock.setTimer('spin', ms(0), spin);
    };
    spin();
    await expect(clock.advance(ms(1))).rejects.toThrow(/spin re-arms itself/);
  });

  it('lets the calendar step without the monotonic clock noticing', async () => {
    const clock = new VirtualClock();
    clock.setWallMs(1000);
    await clock.advance(ms(250));
    expect(clock.wallMs()).toBe(1250);
    clock.setWallMs(10);
    expect([clock.wallMs(), clock.nowUs()]).toEqual([10, 250_000]);
  });
});
