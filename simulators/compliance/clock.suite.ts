/** What every clock must keep to: the contract of `protocol/ports/clock.ts` as tests. */
import { describe, expect, it } from 'vitest';
import type { Clock } from '#protocol/ports/clock';
import { type Ms, ms } from '#protocol/vocabulary/units';

/** Short, because a real clock really waits for it; long enough to tell its timers apart. */
const STEP: Ms = ms(5);
const WAIT_MAX: Ms = ms(2_000);
/** Real timers of libuv count in whole milliseconds and may fire within the last one. */
const EARLY_US_MAX = 1_000;

export interface ClockUnderTest {
  readonly clock: Clock;
  /** Lets time pass until the condition holds. @returns whether it came to hold */
  until(condition: () => boolean, limit: Ms): Promise<boolean>;
}

export function describeClock(name: string, create: () => ClockUnderTest): void {
  describe(`clock: ${name}`, () => {
    it('never goes back, and counts whole microseconds', async () => {
      const { clock, until } = create();
      const seen: number[] = [clock.nowUs()];
      for (let reading = 0; reading < 5; reading += 1) {
        await until(() => false, ms(1));
        seen.push(clock.nowUs());
      }
      expect(seen.every(Number.isSafeInteger)).toBe(true);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(seen.at(-1)).toBeGreaterThan(seen[0] ?? 0);
    });

    it('never fires within the call that sets a timer, even without delay', async () => {
      const { clock, until } = create();
      let isSet = false;
      let wasSetFirst: boolean | undefined;
      clock.setTimer('at once', ms(0), () => {
        wasSetFirst = isSet;
      });
      isSet = true;
      expect(await until(() => wasSetFirst !== undefined, WAIT_MAX)).toBe(true);
      expect(wasSetFirst).toBe(true);
    });

    it('fires in order of instants, not of setting, and never early', async () => {
      const { clock, until } = create();
      const fired: string[] = [];
      const startUs = clock.nowUs();
      let lateUs = 0;
      clock.setTimer('late', ms(STEP * 3), () => {
        fired.push('late');
        lateUs = clock.nowUs() - startUs;
      });
      clock.setTimer('soon', STEP, () => fired.push('soon'));
      expect(await until(() => fired.length === 2, WAIT_MAX)).toBe(true);
      expect(fired).toEqual(['soon', 'late']);
      expect(lateUs).toBeGreaterThanOrEqual(STEP * 3 * 1000 - EARLY_US_MAX);
    });

    it('fires those of one instant in the order in which they were set', async () => {
      const { clock, until } = create();
      const fired: number[] = [];
      for (let place = 0; place < 20; place += 1) clock.setTimer(`same ${place}`, STEP, () => fired.push(place));
      expect(await until(() => fired.length === 20, WAIT_MAX)).toBe(true);
      expect(fired).toEqual(Array.from({ length: 20 }, (_, place) => place));
    });

    it('does not fire after cancel, also when cancelled by a timer of the same instant', async () => {
      const { clock, until } = create();
      const fired: string[] = [];
      const doomed = clock.setTimer('doomed', STEP, () => fired.push('doomed'));
      doomed.cancel();
      doomed.cancel();
      clock.setTimer('killer', STEP, () => victim.cancel());
      const victim = clock.setTimer('victim', STEP, () => fired.push('victim'));
      clock.setTimer('end', ms(STEP * 3), () => fired.push('end'));
      expect(await until(() => fired.includes('end'), WAIT_MAX)).toBe(true);
      expect(fired).toEqual(['end']);
    });

    it('fires once, keeps its name, and lets itself be cancelled afterwards', async () => {
      const { clock, until } = create();
      let fired = 0;
      const timer = clock.setTimer('once', ms(1), () => {
        fired += 1;
      });
      expect(timer.name).toBe('once');
      expect(await until(() => fired > 0, WAIT_MAX)).toBe(true);
      await until(() => false, ms(STEP * 2));
      timer.cancel();
      expect(fired).toBe(1);
    });

    it('accepts delays beyond what a 32-bit timer counts without firing at once', async () => {
      const { clock, until } = create();
      let fired = false;
      const timer = clock.setTimer('in 60 days', ms(60 * 86_400_000), () => {
        fired = true;
      });
      await until(() => false, ms(STEP * 2));
      timer.cancel();
      expect(fired).toBe(false);
    });

    it('knows the calendar', () => {
      expect(create().clock.wallMs()).toBeGreaterThan(Date.UTC(2020, 0));
    });
  });
}
