/** Addresses from which too many sign-ins have failed wait before another is looked at, right or wrong. */
import type { Clock } from '#protocol/ports/clock';
import { BROKER_ADDRESSES_MAX, BROKER_FAILURES_MAX, BROKER_LOCKED_FOR } from './mqtt-limits.ts';

const US_PER_MS = 1_000;

interface Failures {
  readonly count: number;
  readonly lastAtUs: number;
}

export class SignInLockout {
  readonly #clock: Pick<Clock, 'nowUs'>;
  /** In order of the last failure. */
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Pick<Clock, 'nowUs'>) {
    this.#clock = clock;
  }

  isLocked(address: string): boolean {
    return this.#recent(address) >= BROKER_FAILURES_MAX;
  }

  failed(address: string): void {
    const count = this.#recent(address) + 1;
    this.#failures.delete(address);
    this.#failures.set(address, { count, lastAtUs: this.#clock.nowUs() });
    const oldest = this.#failures.keys().next();
    if (this.#failures.size > BROKER_ADDRESSES_MAX && !oldest.done) this.#failures.delete(oldest.value);
  }

  #recent(address: string): number {
    const known = this.#failures.get(address);
    if (known === undefined) return 0;
    if (this.#clock.nowUs() - known.lastAtUs < BROKER_LOCKED_FOR * US_PER_MS) return known.count;
    this.#failures.delete(address);
    return 0;
  }
}
