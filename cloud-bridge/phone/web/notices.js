// @ts-check
/** Short sentences at the edge of the page: what did not work, and what was done that cannot be seen otherwise. */
import { element } from './dom.js';

const SHOWN_MS = 6_000;
const SHOWN_AT_ONCE_MAX = 3;

/** @param {Element} place a live region, so that a screen reader hears it */
export function createNotices(place) {
  return {
    /** @param {string} sentence @param {'plain' | 'problem'} [kind] */
    say(sentence, kind = 'plain') {
      const notice = element('p', { class: `notice ${kind}` }, sentence);
      // The same sentence twice is one sentence.
      for (const other of [...place.children]) if (other.textContent === sentence) other.remove();
      while (place.children.length >= SHOWN_AT_ONCE_MAX) place.firstElementChild?.remove();
      place.append(notice);
      setTimeout(() => notice.remove(), SHOWN_MS);
    },
  };
}
