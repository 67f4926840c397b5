/**
 * How many messages one link may send: a token bucket, so that a burst after a reconnect passes and a flood does not.
 */
import type { Clock } from '#protocol/ports/clock';

const US_PER_SECOND = 1_000_000;

export interface MessageBudget {
  /** False when the link has spent what it may. */
  spend(): boolean;
}

/** @param options `perSecond`: how fast it refills; `burst`: how much it holds; shared by all budgets made with it */
export function createMessageBudget(clock: Pick<Clock, 'nowUs'>, options: BudgetOptions): MessageBudget {
  return new Bucket(clock, options);
}

interface BudgetOptions {
  readonly perSecond: number;
  readonly burst: number;
}

class Bucket implements MessageBudget {
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #options: BudgetOptions;
  #left: number;
  #countedAtUs: number;

  constructor(clock: Pick<Clock, 'nowUs'>, options: BudgetOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#left = options.burst;
    this.#countedAtUs = clock.nowUs();
  }

  spend(): boolean {
    const nowUs = this.#clock.nowUs();
    const { perSecond, burst } = this.#options;
    this.#left = Math.min(burst, this.#left + ((nowUs - this.#countedAtUs) * perSecond) / US_PER_SECOND);
    this.#countedAtUs = nowUs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
