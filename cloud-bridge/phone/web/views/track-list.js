// @ts-check
/** Rows of tracks: a press plays from there, the small button queues. */

import { element, iconButton } from '../dom.js';
import { artistLine, clockTime } from '../format.js';
import { art } from './art.js';

/** @typedef {import('../api.js').TrackRow} TrackRow */

/**
 * @param {TrackRow} track
 * @param {{ play(track: TrackRow): void, enqueue(track: TrackRow): void }} does
 * @param {{ number?: number, hasArt?: boolean }} look
 */
export function trackRow(track, does, look) {
  const about =
    look.hasArt === true
      ? [artistLine(track.artists), track.album].filter((it) => it !== '').join(' · ')
      : artistLine(track.artists);
  return element(
    'li',
    { class: 'track', attributes: { 'data-track': track.id } },
    element(
      'button',
      { class: 'track-play', attributes: { type: 'button' }, on: { click: () => does.play(track) } },
      look.hasArt === true && art({ title: track.album, artPath: track.artPath }, 'track-art'),
      look.number !== undefined &&
        element('span', { class: 'track-number', attributes: { 'aria-hidden': true } }, String(look.number)),
      element(
        'span',
        { class: 'track-words' },
        element('span', { class: 'track-title' }, track.title),
        element('span', { class: 'track-about' }, about),
      ),
      element('span', { class: 'track-time' }, clockTime(track.durationMs)),
    ),
    iconButton('add', `Play “${track.title}” next`, 'quiet-button', () => does.enqueue(track)),
  );
}

/**
 * Marks the rows of the track that plays, wherever they are.
 * @param {import('../store.js').Store} store
 */
export function markCurrentTrack(store) {
  let shown = '';
  let count = -1;
  const mark = () => {
    const session = store.state.household?.session;
    const id = session?.track?.id ?? '';
    const rows = document.querySelectorAll('[data-track]');
    if (id === shown && rows.length === count) return;
    shown = id;
    count = rows.length;
    for (const row of rows) {
      if (row.getAttribute('data-track') === id) row.setAttribute('aria-current', 'true');
      else row.removeAttribute('aria-current');
    }
  };
  store.subscribe(mark);
  new MutationObserver(mark).observe(document.body, { childList: true, subtree: true });
}
