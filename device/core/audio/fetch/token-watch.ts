/**
 * When a content token should be renewed: before it ends by the calendar, and surely once it has lived its life by the
 * monotonic clock. A speaker's calendar may be wrong or step, so by it alone nothing is held up; a token that is refused
 * is renewed whatever any clock says.
 */
import type { Clock } from '#protocol/ports/clock';

/** A token with less than this left is renewed while it still serves. */
export const TOKEN_MARGIN_MS = 30_000;

/** `ending`: to be renewed beside what goes on; `over`: of no use. */
export type TokenAge = 'good' | 'ending' | 'over';

export class TokenWatch {
  readonly #clock: Clock;
  #expiresAtMs = Number.POSITIVE_INFINITY;
  #endsAtUs = Number.POSITIVE_INFINITY;
  #askedAtUs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param expiresAtMs milliseconds since 1970, by the bridge's calendar */
  arrived(expiresAtMs: number): void {
    const nowUs = this.#clock.nowUs();
    const lifeMs = expiresAtMs - this.#clock.wallMs();
    this.#expiresAtMs = expiresAtMs;
    // A fresh token that has ended says that the calendars differ: then only a refusal counts.
    this.#endsAtUs = lifeMs > 0 ? nowUs + lifeMs * 1000 : Number.POSITIVE_INFINITY;
    this.#askedAtUs = nowUs;
  }

  /** One that is remembered from before: how old it is, only the calendar knows. */
  recalled(expiresAtMs: number): void {
    const lifeMs = Math.max(0, expiresAtMs - this.#clock.wallMs());
    this.#expiresAtMs = expiresAtMs;
    this.#endsAtUs = this.#clock.nowUs() + lifeMs * 1000;
    this.#askedAtUs = Number.NEGATIVE_INFINITY;
  }

  age(): TokenAge {
    const nowUs = this.#clock.nowUs();
    if (nowUs >= this.#endsAtUs) return 'over';
    // One question per margin, however wrong the calendar is.
    if (nowUs - this.#askedAtUs < TOKEN_MARGIN_MS * 1000) return 'good';
    const leftMs = Math.min(this.#expiresAtMs - this.#clock.wallMs(), (this.#endsAtUs - nowUs) / 1000);
    return leftMs < TOKEN_MARGIN_MS ? 'ending' : 'good';
  }

  asked(): void {
    this.#askedAtUs = this.#clock.nowUs();
  }
}
