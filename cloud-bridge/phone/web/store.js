// @ts-check
/** What the page knows, in one place; views are told when it changes and look for themselves. */

/** @typedef {import('./household.js').HouseholdSnapshot} HouseholdSnapshot */
/**
 * @typedef {object} PageState
 * @property {HouseholdSnapshot | null} household
 * @property {number} positionAtMs when the session's position was true, on `performance.now()`
 * @property {import('./events.js').LinkState} link
 * @property {string | null} preferredSpeakerId chosen before anything plays
 * @property {{ music: unknown } | null} waiting asked for before anybody said where
 * @property {string | null} movingToId speaker that the music moves to
 * @property {boolean} isPlayerOpen on a phone the player covers the page
 */
/**
 * @typedef {object} Store
 * @property {PageState} state
 * @property {(changes: Partial<PageState>) => void} update
 * @property {(listener: (state: PageState) => void) => void} subscribe called now and after each update
 */

/** @returns {Store} */
export function createStore() {
  /** @type {((state: PageState) => void)[]} */
  const listeners = [];
  /** @type {Store} */
  const store = {
    state: {
      household: null,
      positionAtMs: 0,
      link: 'connecting',
      preferredSpeakerId: null,
      waiting: null,
      movingToId: null,
      isPlayerOpen: false,
    },
    update(changes) {
      store.state = { ...store.state, ...changes };
      for (const listener of listeners) listener(store.state);
    },
    subscribe(listener) {
      listeners.push(listener);
      listener(store.state);
    },
  };
  return store;
}
