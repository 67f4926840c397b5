/** So many bytes an hour, a part of which may be spent at once: what is not spent is saved up to that part and no further. */
import type { Clock } from '#protocol/ports/clock';

const HOUR_US = 3_600_000_000;

export class HourlyBudget {
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #perHour: number;
  readonly #atOnce: number;
  #left: number;
  #countedUs: number;

  /** @param atOnce what may be spent without a pause; also what there is at first */
  constructor(clock: Pick<Clock, 'nowUs'>, perHour: number, atOnce: number) {
    this.#clock = clock;
    this.#perHour = perHour;
    this.#atOnce = atOnce;
    this.#left = atOnce;
    this.#countedUs = clock.nowUs();
  }

  left(): number {
    const nowUs = this.#clock.nowUs();
    this.#left = Math.min(this.#atOnce, this.#left + ((nowUs - this.#countedUs) / HOUR_US) * this.#perHour);
    this.#countedUs = nowUs;
    return this.#left;
  }

  /** May go below zero: what has come has come. */
  spend(amount: number): void {
    this.#left = this.left() - amount;
  }
}
