/** Whether a bridge can do its work: everything it depends on is asked at once, and none is waited for for long. */
import type { Clock } from '#protocol/ports/clock';
import { toTonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import type { ReadinessCheck } from '../../ports/readiness.ts';

/** Whoever asks gives up after a second or two itself. */
const ANSWER_WITHIN = ms(1_000);

export interface Readiness {
  readonly isReady: boolean;
  /** By name; null: all is well. */
  readonly problems: Readonly<Record<string, string | null>>;
}

export async function judgeReadiness(
  clock: Pick<Clock, 'setTimer'>,
  checks: readonly ReadinessCheck[],
): Promise<Readiness> {
  const judged = await Promise.all(checks.map(async (check) => [check.name, await problemOf(clock, check)] as const));
  return { isReady: judged.every(([, problem]) => problem === null), problems: Object.fromEntries(judged) };
}

async function problemOf(clock: Pick<Clock, 'setTimer'>, check: ReadinessCheck): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const timer = clock.setTimer('readiness', ANSWER_WITHIN, () => resolve(`no answer within ${ANSWER_WITHIN} ms`));
  check.problem().then(resolve, (cause: unknown) => resolve(toTonearmError(cause).message));
  const problem = await promise;
  timer.cancel();
  return problem;
}
