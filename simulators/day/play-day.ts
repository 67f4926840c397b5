/** Plays a planned day faster than it is: what lies an hour apart in it comes a moment apart. The music keeps its own time. */
import type { Clock } from '#protocol/ports/clock';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { DAY_MINUTES, type DayEvent } from './day-plan.ts';

const US_PER_MS = 1_000;

/**
 * Each person does one thing after the other, and nobody waits for anybody else.
 * @param lasts how long the whole day takes
 * @param perform must not throw: what goes wrong is a part of the day
 * @returns when the day is over and the last thing is done, or soon after it was interrupted
 */
export async function playDay(
  clock: Clock,
  events: readonly DayEvent[],
  { lasts, interrupted }: { readonly lasts: Ms; readonly interrupted: AbortSignal },
  perform: (event: DayEvent) => Promise<void>,
): Promise<void> {
  const beganUs = clock.nowUs();
  const until = (minute: number): Promise<void> =>
    sleep(clock, ms(Math.max(0, (minute / DAY_MINUTES) * lasts - (clock.nowUs() - beganUs) / US_PER_MS)), interrupted);
  const days = Map.groupBy(events, ({ who }) => who);
  const people = [...days.values()].map(async (own) => {
    for (const event of own) {
      await until(event.minute);
      if (interrupted.aborted) return;
      await perform(event);
    }
  });
  await Promise.all([...people, until(DAY_MINUTES)]);
}

/** @returns at the end of that time, or as soon as it is interrupted */
export function sleep(clock: Clock, time: Ms, interrupted: AbortSignal): Promise<void> {
  if (interrupted.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = (): void => {
      timer.cancel();
      interrupted.removeEventListener('abort', wake);
      resolve();
    };
    const timer = clock.setTimer('a pause in the day', time, wake);
    interrupted.addEventListener('abort', wake, { once: true });
  });
}
