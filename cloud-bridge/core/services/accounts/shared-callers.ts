/**
 * Who asks, where several bridges keep one book of people: what another has written is taken in before anybody is turned
 * away, and once a second, so that what was revoked there ends here.
 */
import type { Clock } from '#protocol/ports/clock';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { Caller, CallerCheck, Credentials } from '../../ports/callers.ts';
import type { AccountBook } from './account-book.ts';

/** The longest that a revocation at another bridge is not known here. */
export const BOOK_OLD_AFTER_MS = 1_000;
/** Bad tokens come as fast as somebody sends them; the store is not asked about each. */
export const BOOK_READ_EVERY_MS = 100;
const US_PER_MS = 1_000;

export class SharedCallers implements CallerCheck {
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #book: Pick<AccountBook, 'reload'>;
  readonly #callers: CallerCheck;
  #readAtUs = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'nowUs'>, book: Pick<AccountBook, 'reload'>, callers: CallerCheck) {
    this.#clock = clock;
    this.#book = book;
    this.#callers = callers;
  }

  async identify(credentials: Credentials): Promise<Result<Caller, TonearmError>> {
    await this.#readAgain(BOOK_OLD_AFTER_MS);
    const caller = await this.#callers.identify(credentials);
    if (caller.ok || !(await this.#readAgain(BOOK_READ_EVERY_MS))) return caller;
    return this.#callers.identify(credentials);
  }

  onEnded(listener: () => void): () => void {
    return this.#callers.onEnded?.(listener) ?? (() => undefined);
  }

  /** @returns false when it was read just now */
  async #readAgain(oldAfterMs: number): Promise<boolean> {
    const nowUs = this.#clock.nowUs();
    if (nowUs - this.#readAtUs < oldAfterMs * US_PER_MS) return false;
    this.#readAtUs = nowUs;
    await this.#book.reload();
    return true;
  }
}
