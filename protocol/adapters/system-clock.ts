/**
 * The machine's own time.
 *
 * Monotonic time is the kernel's CLOCK_MONOTONIC by way of hrtime: the same in every worker thread, and the clock in
 * which ALSA stamps its frames. `performance.now()` counts from each thread's own start and is of no use for that.
 *
 * Timers are kept in a heap of ours over one timer of the runtime. The runtime's own count whole milliseconds and fire
 * up to one early: each would then be waited for twice, and be overtaken by those set after it.
 */
import { type TimerEntry, TimerHeap } from '#protocol/kit/timer-heap';
import type { Clock, Timer } from '#protocol/ports/clock';
import { type Us, us } from '#protocol/vocabulary/units';

const US_PER_SECOND = 1_000_000;
const US_PER_MS = 1_000;
const NS_PER_US = 1_000;
/** Node fires a longer delay at once (it keeps 31 bits of milliseconds), so long waits are made of several. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

export function createSystemClock(): Clock {
  const timers = new SystemTimers();
  return {
    nowUs: monotonicUs,
    wallMs: () => Date.now(),
    setTimer: (name, delay, callback) => timers.set(name, monotonicUs() + delay * US_PER_MS, callback),
  };
}

function monotonicUs(): Us {
  const [seconds, nanoseconds] = process.hrtime();
  return us(seconds * US_PER_SECOND + Math.floor(nanoseconds / NS_PER_US));
}

class SystemTimers {
  readonly #heap = new TimerHeap();
  #handle: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  /** What the runtime's timer waits for. */
  #armedUs = Number.POSITIVE_INFINITY;
  #isFiring = false;

  set(name: string, dueUs: number, callback: () => void): Timer {
    const entry = this.#heap.add(name, dueUs, callback);
    // What is due has set what comes next by its end: armed for all of it once, which is most of what a timer costs.
    if (dueUs < this.#armedUs && !this.#isFiring) this.#arm();
    return { name, cancel: () => this.#cancel(entry) };
  }

  #cancel(entry: TimerEntry): void {
    this.#heap.remove(entry);
    // A process that waits for nothing more may end. Otherwise a timer armed too early finds nothing due and waits on.
    if (this.#heap.length === 0) this.#disarm();
  }

  readonly #fire = (): void => {
    // It has fired, so there is nothing to clear.
    this.#forget();
    this.#isFiring = true;
    // What a callback sets without delay waits for the next turn, so that sockets get theirs.
    const nowUs = monotonicUs();
    try {
      for (let entry = this.#heap.first(); entry !== undefined && entry.dueUs <= nowUs; entry = this.#heap.first()) {
        this.#heap.remove(entry);
        entry.callback();
      }
    } finally {
      // Also when a callback threw: the others are not to be lost with it.
      this.#isFiring = false;
      this.#arm();
    }
  };

  #arm(): void {
    const first = this.#heap.first();
    if (first === undefined || first.dueUs >= this.#armedUs) return;
    this.#disarm();
    this.#armedUs = first.dueUs;
    const leftMs = (first.dueUs - monotonicUs()) / US_PER_MS;
    // One more than is left, or it would be early; what is due has its turn as soon as sockets had theirs.
    if (leftMs <= 0) this.#soon = setImmediate(this.#fire);
    else this.#handle = setTimeout(this.#fire, Math.min(TIMEOUT_MS_MAX, Math.floor(leftMs) + 1));
  }

  #disarm(): void {
    if (this.#handle !== undefined) clearTimeout(this.#handle);
    if (this.#soon !== undefined) clearImmediate(this.#soon);
    this.#forget();
  }

  #forget(): void {
    this.#handle = this.#soon = undefined;
    this.#armedUs = Number.POSITIVE_INFINITY;
  }
}
