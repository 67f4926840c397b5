// @ts-check
/** An album's picture; where there is none, a sleeve drawn from its name, always the same for the same name. */
import { element } from '../dom.js';
import { hueOf, initialsOf } from '../format.js';

/**
 * @param {{ title: string, artPath: string | null }} album `title` of the album, not of the track
 * @param {string} className
 */
export function art(album, className) {
  const frame = element('div', { class: `art ${className}` });
  showArt(frame, album);
  return frame;
}

/**
 * @param {HTMLElement} frame
 * @param {{ title: string, artPath: string | null }} album
 */
export function showArt(frame, album) {
  const key = `${album.artPath ?? ''} ${album.title}`;
  if (frame.dataset['shows'] === key) return;
  frame.dataset['shows'] = key;
  const plain = () => {
    frame.style.setProperty('--hue', String(hueOf(album.title)));
    frame.replaceChildren(
      element('span', { class: 'art-letters', attributes: { 'aria-hidden': true } }, initialsOf(album.title)),
    );
    frame.classList.add('drawn');
  };
  if (album.artPath === null) {
    plain();
    return;
  }
  frame.classList.remove('drawn');
  frame.replaceChildren(
    element('img', {
      attributes: { src: album.artPath, alt: '', loading: 'lazy', decoding: 'async' },
      on: { error: plain },
    }),
  );
}
