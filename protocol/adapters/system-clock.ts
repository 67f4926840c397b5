/**
 * The machine's own time.
 *
 * Monotonic time is the kernel's CLOCK_MONOTONIC by way of hrtime: the same in every worker thread, and the clock in
 * which ALSA stamps its frames. `performance.now()` counts from each thread's own start and is of no use for that.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import { type Us, us } from '#protocol/vocabulary/units';

const US_PER_SECOND = 1_000_000;
const US_PER_MS = 1_000;
const NS_PER_US = 1_000;
/** Node fires a longer delay at once (it keeps 31 bits of milliseconds), so long waits are made of several. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

export function createSystemClock(): Clock {
  return {
    nowUs: monotonicUs,
    wallMs: () => Date.now(),
    setTimer: (name, delay, callback) => setSystemTimer(name, monotonicUs() + delay * US_PER_MS, callback),
  };
}

function monotonicUs(): Us {
  const [seconds, nanoseconds] = process.hrtime();
  return us(seconds * US_PER_SECOND + Math.floor(nanoseconds / NS_PER_US));
}

function setSystemTimer(name: string, dueUs: number, callback: () => void): Timer {
  let handle: NodeJS.Timeout;
  const arm = () => {
    const leftMs = Math.ceil((dueUs - monotonicUs()) / US_PER_MS);
    handle = setTimeout(fire, Math.min(TIMEOUT_MS_MAX, Math.max(0, leftMs)));
  };
  const fire = () => {
    // The event loop counts whole milliseconds and may be up to one early; the port promises "at least".
    if (monotonicUs() < dueUs) arm();
    else callback();
  };
  arm();
  return { name, cancel: () => clearTimeout(handle) };
}
