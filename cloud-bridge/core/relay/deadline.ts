/** A moment after which the asker no longer cares, carried through every step of what was asked. */
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Result, refused } from '#protocol/vocabulary/result';
import { type Ms, ms, type Us } from '#protocol/vocabulary/units';

const US_PER_MS = 1_000;

export interface Deadline {
  /** Zero once it has passed. */
  left(): Ms;
}

export function createDeadline(clock: Pick<Clock, 'nowUs'>, within: Ms): Deadline {
  const startedUs: Us = clock.nowUs();
  return { left: () => ms(Math.max(0, within - (clock.nowUs() - startedUs) / US_PER_MS)) };
}

/**
 * The outcome, or `session.deadline-passed` when it takes longer. What was begun goes on: a hand-over that is past its
 * point of no return completes although nobody waits for it any more.
 */
export function withinDeadline<Value>(
  clock: Clock,
  outcome: Promise<Result<Value, TonearmError>>,
  within: Ms,
): Promise<Result<Value, TonearmError>> {
  const { promise, resolve, reject } = Promise.withResolvers<Result<Value, TonearmError>>();
  const timer = clock.setTimer('phone-deadline', within, () => {
    resolve(refused(new TonearmError('session.deadline-passed', `not done within ${Math.round(within)} ms`)));
  });
  outcome.then(resolve, reject).finally(() => timer.cancel());
  return promise;
}
