// @ts-check
/** Rows of tracks: a press plays from there, the small button queues. */

import { element, iconButton, setAttributes } from '../dom.js';
import { artistLine, clockTime } from '../format.js';
import { art } from './art.js';

/** @typedef {import('../api.js').TrackRow} TrackRow */

/**
 * @param {TrackRow} track
 * @param {{ play(track: TrackRow): void, enqueue(track: TrackRow): void }} does
 * @param {{ number?: number, hasArt?: boolean, albumArtists?: readonly string[] }} look within its album a row names its
 *   artists only when they are not the album's
 */
export function trackRow(track, does, look) {
  const artists = artistLine(track.artists);
  const isPlain = look.albumArtists !== undefined && artists === artistLine(look.albumArtists);
  const about = [isPlain ? '' : artists, look.hasArt === true ? track.album : ''].filter((it) => it !== '').join(' · ');
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
        about !== '' && element('span', { class: 'track-about' }, about),
      ),
      element('span', { class: 'track-time' }, clockTime(track.durationMs)),
    ),
    iconButton('add', `Play “${track.title}” next`, 'quiet-button', () => does.enqueue(track)),
  );
}

/**
 * Marks the rows of the track that plays, those there are and those to come.
 * @param {Element} place
 * @param {import('../store.js').Store} store
 */
export function markCurrentTrack(place, store) {
  const mark = () => {
    const id = store.state.household?.session.track?.id;
    for (const row of place.querySelectorAll('[data-track]')) {
      setAttributes(row, { 'aria-current': row.getAttribute('data-track') === id && 'true' });
    }
  };
  store.subscribe(mark);
  new MutationObserver(mark).observe(place, { childList: true, subtree: true });
}
