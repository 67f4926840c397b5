/**
 * Time, as a core may know it. Real processes give the system's monotonic clock, simulations a virtual one.
 *
 * Ordering: callbacks fire in order of their instants; two for the same instant fire in the order they were set.
 * A callback never runs inside the call that set it. After `cancel` a callback never runs.
 */
import type { Ms, Us } from '#protocol/vocabulary/units';

export interface Clock {
  /** Monotonic microseconds since some fixed moment; never steps, unrelated to the calendar. */
  nowUs(): Us;
  /** Milliseconds since 1970 (UTC): for people and expiry dates only, it may step in either direction. */
  wallMs(): number;
  /** Runs `callback` once after at least `delay`. `name` says whose timer it is when a test lists those left over. */
  setTimer(name: string, delay: Ms, callback: () => void): Timer;
}

export interface Timer {
  readonly name: string;
  /** Harmless when the timer has fired or was cancelled. */
  cancel(): void;
}
