/** Switches the speakers of a crowd off and on at their times: one timer for all of them. */
import type { Crowd } from './crowd.ts';
import type { PresenceChange } from './plan-presence.ts';

const MS_PER_S = 1_000;
/** Node's timers hold no more. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/**
 * @param changes in the order of time, counted from now
 * @param pace how many times faster than planned
 * @param done after each
 */
export function performPresence(
  crowd: Pick<Crowd, 'speakers'>,
  changes: readonly PresenceChange[],
  pace: number,
  done: (change: PresenceChange) => void,
): { stop(): void } {
  const startedAtMs = performance.now();
  let [place, timer]: [number, NodeJS.Timeout | undefined] = [0, undefined];
  const next = (): void => {
    const change = changes[place];
    if (change === undefined) return;
    const leftMs = startedAtMs + (change.atS * MS_PER_S) / pace - performance.now();
    timer = setTimeout(
      () => {
        place += 1;
        const speaker = crowd.speakers[change.number];
        void (change.isOn ? speaker?.switchOn() : speaker?.switchOff());
        done(change);
        next();
      },
      Math.min(TIMEOUT_MS_MAX, Math.max(0, leftMs)),
    );
  };
  next();
  return { stop: () => clearTimeout(timer) };
}
