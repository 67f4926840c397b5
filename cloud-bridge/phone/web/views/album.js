// @ts-check
/** One album: its sleeve, and its tracks in order. */
import { api } from '../api.js';
import { element, icon, put } from '../dom.js';
import { artistLine, clockTime } from '../format.js';
import { art } from './art.js';
import { trackRow } from './track-list.js';

/** @typedef {import('../api.js').TrackRow} TrackRow */

/**
 * @param {string} id
 * @param {import('../actions.js').Actions} actions
 * @returns {{ element: HTMLElement, refresh(): Promise<void>, stop(): void }}
 */
export function albumView(id, actions) {
  const view = element('section', { class: 'album-page', attributes: { 'aria-busy': true } });
  const refresh = async () => {
    try {
      const { album, tracks } = await api.album(id);
      put(view, back(), head(album, tracks, actions), list(album, tracks, actions));
    } catch (thrown) {
      put(view, back(), element('p', { class: 'empty' }, thrown instanceof Error ? thrown.message : ''));
    }
    view.removeAttribute('aria-busy');
  };
  void refresh();
  return { element: view, refresh, stop: () => undefined };
}

function back() {
  return element('a', { class: 'back', attributes: { href: '#/' } }, icon('back'), 'All albums');
}

/**
 * @param {import('../api.js').AlbumCard} album
 * @param {TrackRow[]} tracks
 * @param {import('../actions.js').Actions} actions
 */
function head(album, tracks, actions) {
  const lengthMs = tracks.reduce((sum, it) => sum + it.durationMs, 0);
  const facts = [
    album.year === null ? '' : String(album.year),
    `${tracks.length} ${tracks.length === 1 ? 'track' : 'tracks'}`,
    clockTime(lengthMs),
  ];
  return element(
    'header',
    { class: 'album-head' },
    art(album, 'album-head-art'),
    element(
      'div',
      { class: 'album-head-words' },
      element('h1', {}, album.title),
      element('p', { class: 'album-head-artist' }, artistLine(album.artists)),
      element('p', { class: 'facts' }, facts.filter((it) => it !== '').join(' · ')),
      element(
        'button',
        {
          class: 'play-all',
          attributes: { type: 'button', disabled: tracks.length === 0 },
          on: { click: () => void actions.play({ context_uri: album.uri }) },
        },
        icon('play'),
        'Play',
      ),
    ),
  );
}

/**
 * @param {import('../api.js').AlbumCard} album
 * @param {TrackRow[]} tracks
 * @param {import('../actions.js').Actions} actions
 */
function list(album, tracks, actions) {
  const does = {
    play: (/** @type {TrackRow} */ it) => void actions.play({ context_uri: album.uri, offset: { uri: it.uri } }),
    enqueue: (/** @type {TrackRow} */ it) => void actions.enqueue(it),
  };
  const rows = tracks.map((it, place) => trackRow(it, does, { number: place + 1, albumArtists: album.artists }));
  return element('ol', { class: 'tracks numbered' }, ...rows);
}
