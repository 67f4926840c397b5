/**
 * One after another: tasks that must not overlap, in the order in which they asked.
 *
 * The lock is handed over, never freed and taken again: between the end of a task and the start of the next waiter
 * nobody else can come in, which a lock that is "free" for one microtask allows.
 */
import { assert } from '#protocol/vocabulary/result';

/** Waiters at which something must be stuck: a household has a handful. */
export const LOCK_WAITERS_MAX = 10_000;

export interface SerialLock {
  /** Runs `task` when those before it have ended, well or badly; its outcome is the caller's alone. */
  run<T>(task: () => Promise<T>): Promise<T>;
}

export function createSerialLock(): SerialLock {
  let last: Promise<unknown> = Promise.resolve();
  let waiters = 0;
  return {
    run: (task) => {
      assert(waiters < LOCK_WAITERS_MAX, `fewer than ${LOCK_WAITERS_MAX} tasks wait for one lock`);
      waiters += 1;
      const outcome = last.then(task).finally(() => {
        waiters -= 1;
      });
      // The next waiter follows the end of this task, not its success.
      last = outcome.catch(() => undefined);
      return outcome;
    },
  };
}
