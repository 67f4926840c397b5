// @ts-check
/**
 * Whether the other end of a socket is still there. A browser cannot ping, and hears nothing when a bridge loses its power: one
 * that is back soon answers over HTTP as if nothing had been, while this socket is nobody's. So silence is asked about on the
 * socket itself (section 10.6).
 */

/** Silence that is asked about. While something plays, there is news at least every 10 s. */
export const ASK_AFTER_MS = 5_000;
/** A house's network answers in milliseconds; a phone's on its way home from a tunnel may take seconds. */
export const ANSWER_WITHIN_MS = 4_000;

/** @param {number} openedAtMs on the clock of all its other instants */
export function createPulse(openedAtMs) {
  let heardAtMs = openedAtMs;
  /** @type {number | null} */
  let askedAtMs = null;
  return {
    /** @param {number} nowMs whatever came */
    heard(nowMs) {
      heardAtMs = nowMs;
      askedAtMs = null;
    },
    /**
     * @param {number} nowMs
     * @returns {'wait' | 'ask' | 'lost'} `ask` once for each silence
     */
    next(nowMs) {
      if (askedAtMs !== null) return nowMs - askedAtMs < ANSWER_WITHIN_MS ? 'wait' : 'lost';
      if (nowMs - heardAtMs < ASK_AFTER_MS) return 'wait';
      askedAtMs = nowMs;
      return 'ask';
    },
  };
}
