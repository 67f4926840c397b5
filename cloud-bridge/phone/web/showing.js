// @ts-check
/**
 * Tells the bridge which tracks can be seen, so that the speaker can have their beginning before one is pressed. A hint:
 * nobody waits for it, and nobody is told when it fails.
 */
import { api } from './api.js';

/** What is looked at for a moment is looked for; what scrolls past is not. */
const AFTER_MS = 400;
/** The bridge takes no more. */
export const SHOWN_MAX = 20;

/** @param {Element} place where rows of tracks come and go */
export function tellWhatIsShown(place) {
  /** @type {Set<Element>} */
  const visible = new Set();
  let told = '';
  let timer = 0;
  const tell = () => {
    timer = 0;
    const ids = shownIds(place.querySelectorAll('[data-track]'), visible);
    const now = ids.join();
    if (now === told || document.hidden) return;
    told = now;
    api.showing(ids).catch(() => {
      told = '';
    });
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(tell, AFTER_MS);
  };
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) visible.add(entry.target);
      else visible.delete(entry.target);
    }
    soon();
  });
  const watch = () => {
    for (const row of visible) if (!row.isConnected) visible.delete(row);
    for (const row of place.querySelectorAll('[data-track]')) seen.observe(row);
    soon();
  };
  new MutationObserver(watch).observe(place, { childList: true, subtree: true });
  watch();
}

/**
 * @template {{ getAttribute(name: string): string | null }} Row
 * @param {Iterable<Row>} rows from top to bottom
 * @param {ReadonlySet<Row>} visible
 * @returns {string[]} the ids of those that can be seen, each once
 */
export function shownIds(rows, visible) {
  /** @type {Set<string>} */
  const ids = new Set();
  for (const row of rows) {
    const id = row.getAttribute('data-track');
    if (id !== null && id !== '' && visible.has(row) && ids.size < SHOWN_MAX) ids.add(id);
  }
  return [...ids];
}
