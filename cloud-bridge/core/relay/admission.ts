/**
 * Who may come in when all come at once. A thousand can be greeted before any of them gives up; the others are sent away
 * at once, each to come back at another moment, which costs them less than a time-out and us less than a greeting.
 */
import type { Random } from '#protocol/ports/random';
import { type Ms, ms } from '#protocol/vocabulary/units';
import {
  COME_BACK_AFTER,
  COME_BACK_SPREAD_EACH,
  COME_BACK_SPREAD_MAX,
  GREETINGS_MAX,
  RETURN_SPREAD,
  SPEAKER_LINKS_MAX,
} from './limits.ts';

/** Why somebody is sent away, and when to come back. */
export interface SentAway {
  readonly reason: string;
  readonly retryAfter: Ms;
}

export class Admission {
  readonly #random: Pick<Random, 'fraction'>;
  #greetings = 0;

  constructor(random: Pick<Random, 'fraction'>) {
    this.#random = random;
  }

  /** @param links open now @returns null: it is let in, and `greeted` is called once it needs no greeting any more */
  enter(links: number): SentAway | null {
    if (links >= SPEAKER_LINKS_MAX) {
      return { reason: 'too many speakers are connected', retryAfter: this.#within(COME_BACK_SPREAD_MAX) };
    }
    if (this.#greetings >= GREETINGS_MAX) {
      return { reason: 'too many speakers come at once', retryAfter: this.#within(RETURN_SPREAD) };
    }
    this.#greetings += 1;
    return null;
  }

  greeted(): void {
    this.#greetings -= 1;
  }

  /** When speakers come back to a bridge that ends, so that not all of `links` do at once. A number each time it is asked. */
  returnAfterEnd(links: number): Ms {
    return this.#within(ms(Math.min(COME_BACK_SPREAD_MAX, links * COME_BACK_SPREAD_EACH)));
  }

  #within(spread: Ms): Ms {
    return ms(Math.round(COME_BACK_AFTER + this.#random.fraction() * spread));
  }
}
