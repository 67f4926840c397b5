/**
 * Questions that wait for an answer: each settles exactly once, by its answer, its deadline or the end of the link.
 *
 * A late answer finds no question any more and says so, which is how callers tell it from a timely one.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { Ms } from '#protocol/vocabulary/units';

export interface PendingRequests<Value> {
  /**
   * Waits for the answer to `id`. An id that is waited for already joins the first wait, with its deadline.
   * @param deadline time from now; past it the wait is refused with `session.deadline-passed`
   * @returns also `connect.slow-reader` at once when `limit` questions are open
   */
  add(id: string, deadline: Ms): Promise<Result<Value, TonearmError>>;
  /** False when nobody waits for `id` (any more). */
  settle(id: string, value: Value): boolean;
  /** False when nobody waits for `id` (any more). */
  refuse(id: string, error: TonearmError): boolean;
  /** Settles every waiter; what is added afterwards waits anew. */
  refuseAll(error: TonearmError): void;
  size(): number;
}

interface Waiter<Value> {
  readonly promise: Promise<Result<Value, TonearmError>>;
  readonly settle: (result: Result<Value, TonearmError>) => void;
  readonly timer: Timer;
}

/** @param options `limit`: questions open at the same time */
export function createPendingRequests<Value>(
  clock: Clock,
  options: { readonly limit: number },
): PendingRequests<Value> {
  const waiters = new Map<string, Waiter<Value>>();

  function finish(id: string, result: Result<Value, TonearmError>): boolean {
    const waiter = waiters.get(id);
    if (waiter === undefined) return false;
    waiters.delete(id);
    waiter.timer.cancel();
    waiter.settle(result);
    return true;
  }

  return {
    add: (id, deadline) => {
      const existing = waiters.get(id);
      if (existing !== undefined) return existing.promise;
      if (waiters.size >= options.limit) {
        const message = `${options.limit} requests wait for an answer already; try again when some have come`;
        return Promise.resolve(refused(new TonearmError('connect.slow-reader', message)));
      }
      const { promise, resolve } = Promise.withResolvers<Result<Value, TonearmError>>();
      const timer = clock.setTimer('request-deadline', deadline, () => {
        const message = `no answer within ${Math.round(deadline)} ms`;
        finish(id, refused(new TonearmError('session.deadline-passed', message)));
      });
      waiters.set(id, { promise, settle: resolve, timer });
      return promise;
    },
    settle: (id, value) => finish(id, ok(value)),
    refuse: (id, error) => finish(id, refused(error)),
    refuseAll: (error) => {
      for (const id of [...waiters.keys()]) finish(id, refused(error));
    },
    size: () => waiters.size,
  };
}
