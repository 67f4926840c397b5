/**
 * The tokens by which speakers show over HTTP that a request is theirs: one for each link, good while it lives and a
 * while longer, so that music goes on while a speaker comes back. Spec 4.9. In memory alone: after a restart of the bridge
 * every speaker is welcomed anew.
 */
import type { Clock } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { SECRET_LENGTH } from '#protocol/wire/hello-proof';

const US_PER_MS = 1_000;
/** After its link ended: longer than any wait between two dials. */
export const PASS_KEPT_FOR: Ms = ms(15 * 60_000);
/** Of links that have ended; the oldest go first when there are more. */
export const ENDED_PASSES_MAX = 20_000;

export class SpeakerPasses {
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #random: Pick<Random, 'token'>;
  readonly #live = new Map<string, SpeakerId>();
  /** In the order in which they ended. */
  readonly #ended = new Map<string, { readonly speakerId: SpeakerId; readonly untilUs: number }>();

  constructor(ports: { readonly clock: Pick<Clock, 'nowUs'>; readonly random: Pick<Random, 'token'> }) {
    this.#clock = ports.clock;
    this.#random = ports.random;
  }

  issue(speakerId: SpeakerId): string {
    const token = this.#random.token(SECRET_LENGTH);
    this.#live.set(token, speakerId);
    return token;
  }

  /** It was given this one by the household's home; its link is here. */
  adopt(token: string, speakerId: SpeakerId): void {
    this.#live.set(token, speakerId);
  }

  /** Its link is gone. Twice is harmless. */
  ended(token: string): void {
    const speakerId = this.#live.get(token);
    if (speakerId === undefined) return;
    this.#live.delete(token);
    this.#ended.set(token, { speakerId, untilUs: this.#clock.nowUs() + PASS_KEPT_FOR * US_PER_MS });
    this.#sweep();
  }

  /** It does not belong here any more: none of its tokens is good from now on. */
  revoke(speakerId: SpeakerId): void {
    for (const [token, holder] of this.#live) if (holder === speakerId) this.#live.delete(token);
    for (const [token, pass] of this.#ended) if (pass.speakerId === speakerId) this.#ended.delete(token);
  }

  /**
   * Whose it is, or null. Found by hash: how long that takes says nothing of a secret of 258 bits that somebody could
   * use to come nearer to it.
   */
  holderOf(token: string): SpeakerId | null {
    const live = this.#live.get(token);
    if (live !== undefined) return live;
    const ended = this.#ended.get(token);
    return ended !== undefined && ended.untilUs > this.#clock.nowUs() ? ended.speakerId : null;
  }

  #sweep(): void {
    const nowUs = this.#clock.nowUs();
    for (const [token, { untilUs }] of this.#ended) {
      if (untilUs > nowUs && this.#ended.size <= ENDED_PASSES_MAX) return;
      this.#ended.delete(token);
    }
  }
}
