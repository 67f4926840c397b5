/**
 * The difference between a process that stops and one that is killed: after `kill` none of its timers fires and none
 * that it still sets is ever heard of, so that nothing of it can act again, whatever promises it left hanging. And one that
 * stands still (SIGSTOP, a blocked event loop): its timers fire late, each once, when it goes on.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import { ms, us } from '#protocol/vocabulary/units';

export interface VirtualProcess {
  /** The clock that everything in this process is given. */
  readonly clock: Clock;
  isAlive(): boolean;
  /** Names of its timers that have not fired. */
  timers(): string[];
  kill(): void;
  standStill(): void;
  isStandingStill(): boolean;
  /** What fell due meanwhile comes now, in its order. */
  goOn(): void;
}

/** How a machine's monotonic clock differs from the world's. */
export interface ClockSkew {
  readonly offsetUs: number;
  /** How much faster it runs, in parts per million. */
  readonly ppm: number;
}

export const NO_SKEW: ClockSkew = { offsetUs: 0, ppm: 0 };
const PPM = 1e-6;

/** @returns an instant of the world on a skewed clock, in µs */
export function skewed(worldUs: number, { offsetUs, ppm }: ClockSkew): number {
  return Math.round(worldUs * (1 + ppm * PPM) + offsetUs);
}

/** @returns an instant of a skewed clock in the world's, in µs */
export function unskewed(skewedUs: number, { offsetUs, ppm }: ClockSkew): number {
  return (skewedUs - offsetUs) / (1 + ppm * PPM);
}

/** A machine's calendar, which may be wrong by any amount, and change at any time. */
export interface VirtualCalendar {
  offsetMs: number;
}

/** @param calendar outlives the process: it is its machine's */
export function createVirtualProcess(
  world: Clock,
  skew: ClockSkew = NO_SKEW,
  calendar: VirtualCalendar = { offsetMs: 0 },
): VirtualProcess {
  const pending = new Set<Timer>();
  let isAlive = true;
  let isStill = false;
  let late: (() => void)[] = [];
  return {
    clock: {
      nowUs: () => us(skewed(world.nowUs(), skew)),
      wallMs: () => world.wallMs() + calendar.offsetMs,
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
    isStandingStill: () => isStill,
    goOn: () => {
      isStill = false;
      const due = late;
      late = [];
      for (const fire of due) world.setTimer('virtual-process.late', ms(0), fire);
    },
  };
}
