/**
 * Signs of life of all links at once: one timer that looks at each of them now and then, where a timer and its closures
 * for each would be most of what ten thousand idle links cost. Spec section 7.
 *
 * Speakers send a heartbeat every `HEARTBEAT_EVERY`, and an answer is a sign of life for them too. So the bridge only
 * asks whoever has let one fall out.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { HEARTBEAT_DEAD_AFTER, HEARTBEAT_EVERY } from './limits.ts';

const US_PER_MS = 1_000;
/** Between two looks. A death is found out within `HEARTBEAT_DEAD_AFTER` all the same: what is sure to be past it counts. */
export const LOOK_EVERY = ms(2_500);
/** After so much silence the bridge asks: a heartbeat was due, and had a quarter of its time more. */
export const ASK_AFTER = ms(HEARTBEAT_EVERY * 1.25);
const DEAD_US = (HEARTBEAT_DEAD_AFTER - LOOK_EVERY) * US_PER_MS;
const ASK_US = ASK_AFTER * US_PER_MS;
/** A look this late was not late because of work: the process was stopped, or the machine slept. */
const WAKING_AFTER_US = 1_000 * US_PER_MS;
/** What came while the process slept is read by then. */
const READ_WITHIN = ms(1_000);

export interface WatchedLink {
  /** Instant of the last message, whatever it was; µs of the wheel's clock. */
  readonly heardAtUs: number;
  /** It was silent for long: asks it for a sign of life. Called once per look. */
  ask(): void;
  /** It was silent too long. It must be gone from the wheel when this returns. */
  die(): void;
}

export class HeartbeatWheel {
  readonly #clock: Clock;
  readonly #links = new Set<WatchedLink>();
  #timer: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(link: WatchedLink): void {
    this.#links.add(link);
    if (this.#timer === null) this.#lookAfter(LOOK_EVERY);
  }

  /** Harmless for one that is not there. */
  remove(link: WatchedLink): void {
    this.#links.delete(link);
    if (this.#links.size > 0) return;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #lookAfter(delay: Ms): void {
    const dueUs = this.#clock.nowUs() + delay * US_PER_MS;
    this.#timer = this.#clock.setTimer('heartbeats', delay, () => {
      this.#timer = null;
      const isWaking = this.#clock.nowUs() - dueUs > WAKING_AFTER_US;
      // Before the look, so that the death of the last one cancels it.
      this.#lookAfter(isWaking ? READ_WITHIN : LOOK_EVERY);
      if (!isWaking) this.#look();
    });
  }

  #look(): void {
    const nowUs = this.#clock.nowUs();
    // A set may lose members while it is walked through.
    for (const link of this.#links) {
      const silentUs = nowUs - link.heardAtUs;
      if (silentUs >= DEAD_US) link.die();
      else if (silentUs >= ASK_US) link.ask();
    }
  }
}
