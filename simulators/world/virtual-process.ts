/**
 * The difference between a process that stops and one that is killed: after `kill` none of its timers fires and none
 * that it still sets is ever heard of, so that nothing of it can act again, whatever promises it left hanging. And one that
 * stands still (SIGSTOP, a blocked event loop): its timers fire late, each once, when it goes on.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import { ms } from '#protocol/vocabulary/units';

export interface VirtualProcess {
  /** The clock that everything in this process is given. */
  readonly clock: Clock;
  isAlive(): boolean;
  /** Names of its timers that have not fired. */
  timers(): string[];
  kill(): void;
  standStill(): void;
  /** What fell due meanwhile comes now, in its order. */
  goOn(): void;
}

export function createVirtualProcess(world: Clock): VirtualProcess {
  const pending = new Set<Timer>();
  let isAlive = true;
  let isStill = false;
  let late: (() => void)[] = [];
  return {
    clock: {
      nowUs: () => world.nowUs(),
      wallMs: () => world.wallMs(),
      setTimer: (name, delay, callback) => {
        if (!isAlive) return { name, cancel: () => {} };
        const fire = (): void => {
          if (!pending.delete(timer)) return;
          callback();
        };
        const timer = world.setTimer(name, delay, () => {
          if (isStill) late.push(fire);
          else fire();
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
    standStill: () => {
      isStill = true;
    },
    goOn: () => {
      isStill = false;
      const due = late;
      late = [];
      for (const fire of due) world.setTimer('virtual-process.late', ms(0), fire);
    },
  };
}
