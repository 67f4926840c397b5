/**
 * The numbers that a core drew when it was recorded, each at about the instant at which it drew it: so that one draw more or
 * less in today's code does not change all that follow. Tokens were not recorded, and are made up.
 */
import type { Clock } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import { SeededRandom } from '#sim/world/seeded-random';
import type { TimedEntry } from './timed-entries.ts';

/** How far a replay's draw may be from the recorded one to be the same. */
const NEAR_US = 250_000;

export function createRecordedRandom(clock: Pick<Clock, 'nowUs'>, entries: readonly TimedEntry[]): Random {
  const drawn = entries.flatMap(({ atUs, entry }) =>
    entry.port === 'random' ? [{ atUs, fraction: entry.event.fraction }] : [],
  );
  const otherwise = new SeededRandom(1, 'replay');
  let next = 0;
  return {
    fraction: () => {
      const nowUs = clock.nowUs();
      while ((drawn[next]?.atUs ?? Number.POSITIVE_INFINITY) < nowUs - NEAR_US) next += 1;
      const draw = drawn[next];
      if (draw === undefined || draw.atUs > nowUs + NEAR_US) return otherwise.fraction();
      next += 1;
      return draw.fraction;
    },
    token: (length) => otherwise.token(length),
  };
}
