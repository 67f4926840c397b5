/**
 * Whether two machines are one speaker: a data folder that was copied, to another card say, has the key and so the id of the first.
 * Each is let in and replaces the other, for ever.
 *
 * It shows in the tokens that hellos resume with. A speaker has the token of its last welcome; one that comes with an older one,
 * though whoever was welcomed after that has been heard of, is not who that was. That may happen to a single machine too, once,
 * when a power cut takes back what it had written; again and again it does not.
 */
import type { Us } from '#protocol/vocabulary/units';

/** As many within `DOUBLED_WITHIN_US` are no power cuts; a replaced one comes back after a minute, so they take three. */
export const ALTERNATIONS_MIN = 3;
export const DOUBLED_WITHIN_US = 15 * 60 * 1_000_000;
/** That nobody has come back with, newest last: as many machines are told from one another. */
const TOKENS_MAX = 4;

export class LinkSuccession {
  #tokens: readonly string[] = [];
  /** Whoever was welcomed last has said something since. */
  #isHeard = false;
  /** When somebody came back in another's place; the newest that count. */
  #alternatedAtUs: readonly number[] = [];

  /**
   * A hello was answered.
   * @param resumed the token that it came with @param issued the one that it is given
   * @returns whether it is this hello by which it is known that there are two
   */
  welcomed(resumed: string | null, issued: string, nowUs: Us): boolean {
    const wasDoubled = this.isDoubled(nowUs);
    const isOlder = this.#tokens.slice(0, -1).some((token) => token === resumed);
    if (isOlder && this.#isHeard) this.#alternatedAtUs = [...this.#alternatedAtUs, nowUs].slice(-ALTERNATIONS_MIN);
    // Once each: a machine that dies before it has written anything comes with the same again and again.
    this.#tokens = [...this.#tokens.filter((token) => token !== resumed), issued].slice(-TOKENS_MAX);
    this.#isHeard = false;
    return !wasDoubled && this.isDoubled(nowUs);
  }

  heard(): void {
    this.#isHeard = true;
  }

  isDoubled(nowUs: Us): boolean {
    const [first] = this.#alternatedAtUs;
    const isEnough = this.#alternatedAtUs.length >= ALTERNATIONS_MIN;
    return isEnough && first !== undefined && nowUs - first < DOUBLED_WITHIN_US;
  }
}
