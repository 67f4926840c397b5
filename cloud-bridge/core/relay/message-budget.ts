/**
 * How many messages one link may send: a token bucket, so that a burst after a reconnect passes and a flood does not.
 */
import type { Clock } from '#protocol/ports/clock';

const US_PER_SECOND = 1_000_000;

export interface MessageBudget {
  /** False when the link has spent what it may. */
  spend(): boolean;
}

/** @param options `perSecond`: how fast it refills; `burst`: how much it holds */
export function createMessageBudget(
  clock: Pick<Clock, 'nowUs'>,
  options: { readonly perSecond: number; readonly burst: number },
): MessageBudget {
  let left = options.burst;
  let countedAtUs: number = clock.nowUs();
  return {
    spend: () => {
      const nowUs = clock.nowUs();
      left = Math.min(options.burst, left + ((nowUs - countedAtUs) * options.perSecond) / US_PER_SECOND);
      countedAtUs = nowUs;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
