/**
 * The difference between a process that stops and one that is killed: after `kill` none of its timers fires and none
 * that it still sets is ever heard of, so that nothing of it can act again, whatever promises it left hanging.
 */
import type { Clock, Timer } from '#protocol/ports/clock';

export interface VirtualProcess {
  /** The clock that everything in this process is given. */
  readonly clock: Clock;
  isAlive(): boolean;
  /** Names of its timers that have not fired. */
  timers(): string[];
  kill(): void;
}

export function createVirtualProcess(world: Clock): VirtualProcess {
  const pending = new Set<Timer>();
  let isAlive = true;
  return {
    clock: {
      nowUs: () => world.nowUs(),
      wallMs: () => world.wallMs(),
      setTimer: (name, delay, callback) => {
        if (!isAlive) return { name, cancel: () => {} };
        const timer = world.setTimer(name, delay, () => {
          pending.delete(timer);
          callback();
        });
        pending.add(timer);
        return {
          name,
          cancel: () => {
            pending.delete(timer);
            timer.cancel();
          },
        };
      },
    },
    isAlive: () => isAlive,
    timers: () => [...pending].map(({ name }) => name),
    kill: () => {
      isAlive = false;
      for (const timer of pending) timer.cancel();
      pending.clear();
    },
  };
}
