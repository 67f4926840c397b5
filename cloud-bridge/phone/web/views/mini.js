// @ts-check
/** The strip at the bottom of a phone: what plays, play and pause, and the way to the player. */
import { element, icon, put, setText } from '../dom.js';
import { artistLine } from '../format.js';
import { positionNow } from '../household.js';
import { art, showArt } from './art.js';
import { showToggle } from './player.js';

const TICK_MS = 1_000;

/**
 * @param {HTMLElement} place
 * @param {import('../store.js').Store} store
 * @param {import('../actions.js').Actions} actions
 * @param {() => void} open
 */
export function miniView(place, store, actions, open) {
  const picture = art({ title: 'Tonearm', artPath: null }, 'mini-art');
  const title = element('span', { class: 'mini-title' });
  const about = element('span', { class: 'mini-about' });
  const sign = icon('play');
  const toggle = element(
    'button',
    { class: 'mini-toggle', attributes: { type: 'button' }, on: { click: () => void actions.toggle() } },
    sign,
  );
  const opener = element(
    'button',
    { class: 'mini-open', attributes: { type: 'button', 'aria-label': 'Open the player' }, on: { click: open } },
    picture,
    element('span', { class: 'mini-words' }, title, about),
  );
  const line = element('div', { class: 'mini-line' });
  put(place, line, opener, toggle);
  const drawLine = () => {
    const { household, positionAtMs, link } = store.state;
    const session = household?.session;
    const share =
      session?.track == null
        ? 0
        : positionNow(session, link === 'lost' ? 0 : performance.now() - positionAtMs) /
          Math.max(1, session.track.durationMs);
    line.style.setProperty('--fill', `${(share * 100).toFixed(1)}%`);
  };
  store.subscribe(({ household }) => {
    const session = household?.session ?? null;
    const track = session?.track ?? null;
    const speaker = household?.speakers.find((it) => it.id === session?.activeSpeakerId);
    place.hidden = household === null;
    picture.classList.toggle('idle', track === null);
    setText(title, track === null ? 'Nothing is playing' : track.title);
    setText(
      about,
      [track === null ? 'Speakers and player' : artistLine(track.artists), track === null ? '' : (speaker?.name ?? '')]
        .filter((it) => it !== '')
        .join(' · '),
    );
    showArt(
      picture,
      track === null ? { title: 'Tonearm', artPath: null } : { title: track.album, artPath: track.artPath },
    );
    showToggle(toggle, sign, session);
    drawLine();
  });
  setInterval(drawLine, TICK_MS);
}
