/**
 * First in, first out, up to a limit: what is too much is refused at the door, where the sender can do something about it.
 *
 * Values travel in an envelope, so that 0, '' and undefined are values like any other and only null means "none".
 */
import { assert } from '#protocol/vocabulary/result';

export interface Queued<T> {
  readonly value: T;
}

export interface BoundedQueue<T> {
  /** False when the queue is full or closed: the value was not taken. */
  push(value: T): boolean;
  /** The oldest value, or null when there is none. */
  shift(): Queued<T> | null;
  /** The oldest value as soon as there is one; null when the queue is closed and empty. Takers are served in order. */
  take(): Promise<Queued<T> | null>;
  /** No more pushes; what is in it can still be taken, and every waiting taker gets null. Twice is harmless. */
  close(): void;
  /** Forgets all that is in it. @returns how many that were */
  clear(): number;
  size(): number;
}

/** @param limit values held at most, and takers waiting at most; a whole number from 1 */
export function createBoundedQueue<T>(limit: number): BoundedQueue<T> {
  assert(Number.isSafeInteger(limit) && limit >= 1, `a queue's limit is a whole number from 1, got ${limit}`);
  const held: Queued<T>[] = [];
  const takers: ((queued: Queued<T> | null) => void)[] = [];
  let isClosed = false;
  return {
    push: (value) => {
      if (isClosed) return false;
      const taker = takers.shift();
      if (taker !== undefined) {
        taker({ value });
        return true;
      }
      if (held.length >= limit) return false;
      held.push({ value });
      return true;
    },
    shift: () => held.shift() ?? null,
    take: () => {
      const next = held.shift();
      if (next !== undefined || isClosed) return Promise.resolve(next ?? null);
      assert(takers.length < limit, `at most ${limit} takers wait for one queue`);
      const { promise, resolve } = Promise.withResolvers<Queued<T> | null>();
      takers.push(resolve);
      return promise;
    },
    close: () => {
      isClosed = true;
      for (const taker of takers.splice(0)) taker(null);
    },
    clear: () => held.splice(0).length,
    size: () => held.length,
  };
}
