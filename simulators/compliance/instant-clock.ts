/** A clock whose timers fire in the next turn, in order: for suites of things that merely want to be slow sometimes. */
import type { Clock } from '#protocol/ports/clock';
import { us } from '#protocol/vocabulary/units';

export const instantClock: Clock = {
  nowUs: () => us(0),
  wallMs: () => 0,
  setTimer: (name, _delay, callback) => {
    let isCancelled = false;
    queueMicrotask(() => {
      if (!isCancelled) callback();
    });
    return {
      name,
      cancel: () => {
        isCancelled = true;
      },
    };
  },
};
