// @ts-check
/** What there is by these words. */
import { api } from '../api.js';
import { element, put } from '../dom.js';
import { albumCardView } from './library.js';
import { trackRow } from './track-list.js';

/** @typedef {import('../api.js').TrackRow} TrackRow */

/**
 * @param {string} words
 * @param {import('../actions.js').Actions} actions
 * @returns {{ element: HTMLElement, refresh(): Promise<void>, stop(): void }}
 */
export function searchView(words, actions) {
  const view = element('section', { class: 'found', attributes: { 'aria-busy': true } });
  const outdated = new AbortController();
  const does = {
    // With its album around it, so that the music goes on after it.
    play: (/** @type {TrackRow} */ it) =>
      void actions.play(
        it.albumUri === '' ? { uris: [it.uri] } : { context_uri: it.albumUri, offset: { uri: it.uri } },
      ),
    enqueue: (/** @type {TrackRow} */ it) => void actions.enqueue(it),
  };
  const refresh = async () => {
    try {
      const { tracks, albums } = await api.search(words, outdated.signal);
      const rows = tracks.items.map((it) => trackRow(it, does, { hasArt: true }));
      const isEmpty = tracks.items.length + albums.items.length === 0;
      put(
        view,
        element('h1', { class: 'unseen' }, `Search: ${words}`),
        isEmpty && element('p', { class: 'empty' }, `Nothing found for “${words}”. Fewer letters find more.`),
        albums.items.length > 0 && element('h2', {}, 'Albums'),
        albums.items.length > 0 && element('ul', { class: 'albums' }, ...albums.items.map(albumCardView)),
        rows.length > 0 && element('h2', {}, 'Tracks'),
        rows.length > 0 && element('ol', { class: 'tracks' }, ...rows),
      );
    } catch (thrown) {
      if (outdated.signal.aborted) return;
      put(view, element('p', { class: 'empty' }, thrown instanceof Error ? thrown.message : ''));
    }
    view.removeAttribute('aria-busy');
  };
  void refresh();
  return { element: view, refresh, stop: () => outdated.abort() };
}
