/**
 * Milliseconds on the machine's monotonic clock, which every process reads alike; `performance.now()` counts from the
 * start of its own.
 */
const NANOSECONDS_PER_MS = 1e6;

export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / NANOSECONDS_PER_MS;
}

/** What to add to `performance.now()` of this process to have `monotonicMs()`. */
export function monotonicOffsetMs(): number {
  return monotonicMs() - performance.now();
}
