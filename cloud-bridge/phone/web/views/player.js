// @ts-check
/** What plays: the record, where in it we are, the controls, the speakers, and what comes next. */
import { element, icon, iconButton, put, reconcile, setAttributes, setIcon, setText } from '../dom.js';
import { artistLine, clockTime, spokenTime } from '../format.js';
import { positionNow } from '../household.js';
import { art, showArt } from './art.js';
import { slider } from './slider.js';
import { speakersView } from './speakers.js';

/** @typedef {import('../household.js').SessionView} SessionView */
/** @typedef {import('../store.js').PageState} PageState */

const NOTHING = { title: 'Tonearm', artPath: null };
/** Four steps a second: a second's digit is never late by more than the eye forgives. */
const TICK_MS = 250;
const REPEAT_WORDS = { off: 'Repeat is off', context: 'Repeats all', track: 'Repeats this track' };

/**
 * @param {HTMLElement} place
 * @param {import('../store.js').Store} store
 * @param {import('../actions.js').Actions} actions
 * @param {() => void} close
 */
export function playerView(place, store, actions, close) {
  const record = recordView();
  const words = wordsView();
  const transport = transportView(actions);
  const progress = progressView(actions, record.wander);
  const next = nextView(actions);
  put(
    place,
    iconButton('down', 'Back to the music', 'player-close', close),
    element('div', { class: 'player-top' }, record.element, words.element, progress.element, transport.element),
    speakersView(store, actions),
    next.element,
  );
  store.subscribe((state) => {
    const session = state.household?.session ?? null;
    const isPlaying = session?.playback === 'playing';
    record.show(session, isPlaying && state.link !== 'lost');
    words.show(state);
    transport.show(session);
    next.show(session);
    progress.show(state);
    const title = session?.track == null ? 'Tonearm' : `${session.track.title} · ${artistLine(session.track.artists)}`;
    if (document.title !== title) document.title = title;
  });
  setInterval(() => progress.show(store.state), TICK_MS);
}

function recordView() {
  const sleeve = art(NOTHING, 'sleeve');
  const arm = icon('arm');
  arm.classList.add('arm');
  const view = element(
    'div',
    { class: 'record', attributes: { 'aria-hidden': true } },
    element('div', { class: 'disc' }, element('div', { class: 'disc-label' })),
    sleeve,
    arm,
  );
  return {
    element: view,
    /** The arm wanders inwards as the track does. @param {number} share of the track, 0 to 1 */
    wander(share) {
      arm.style.setProperty('--share', share.toFixed(3));
    },
    /** @param {SessionView | null} session @param {boolean} isPlaying */
    show(session, isPlaying) {
      const track = session?.track ?? null;
      showArt(sleeve, track === null ? NOTHING : { title: track.album, artPath: track.artPath });
      view.classList.toggle('playing', isPlaying);
      view.classList.toggle('idle', track === null);
    },
  };
}

function wordsView() {
  const title = element('h2', { class: 'now-title' });
  const artist = element('p', { class: 'now-artist' });
  const where = element('p', { class: 'now-where' });
  const problem = element('p', { class: 'now-problem', attributes: { role: 'status' } });
  return {
    element: element('div', { class: 'now-words' }, title, artist, where, problem),
    /** @param {PageState} state */
    show({ household }) {
      const session = household?.session;
      const track = session?.track ?? null;
      const speaker = household?.speakers.find((it) => it.id === session?.activeSpeakerId);
      setText(title, track === null ? 'Nothing is playing' : track.title);
      setText(
        artist,
        track === null
          ? 'Choose an album, or press play for everything.'
          : [artistLine(track.artists), track.album].filter((it) => it !== '').join(' · '),
      );
      setText(
        where,
        track === null || speaker === undefined
          ? ''
          : `${session?.playback === 'buffering' ? 'Loading on' : 'On'} ${speaker.name}`,
      );
      setText(problem, session?.problem == null ? '' : session.problem.message);
    },
  };
}

/** @param {import('../actions.js').Actions} actions */
function transportView(actions) {
  const shuffle = iconButton('shuffle', 'Shuffle', 'mode', () => void actions.toggleShuffle());
  const previous = iconButton('previous', 'Previous track', 'step', () => void actions.previous());
  const sign = icon('play');
  const toggle = element(
    'button',
    { class: 'toggle', attributes: { type: 'button', id: 'toggle' }, on: { click: () => void actions.toggle() } },
    sign,
  );
  const next = iconButton('next', 'Next track', 'step', () => void actions.next());
  const repeat = iconButton('repeat', 'Repeat', 'mode', () => void actions.turnRepeat());
  return {
    element: element(
      'div',
      { class: 'transport', attributes: { role: 'group', 'aria-label': 'Playback' } },
      shuffle,
      previous,
      toggle,
      next,
      repeat,
    ),
    /** @param {SessionView | null} session */
    show(session) {
      showToggle(toggle, sign, session);
      const hasTrack = session?.track != null;
      for (const button of [previous, next, shuffle, repeat]) button.disabled = !hasTrack;
      setAttributes(shuffle, { 'aria-pressed': String(session?.isShuffled === true) });
      const mode = session?.repeat ?? 'off';
      setAttributes(repeat, {
        'aria-pressed': String(mode !== 'off'),
        'aria-label': REPEAT_WORDS[mode],
        title: REPEAT_WORDS[mode],
        'data-mode': mode,
      });
    },
  };
}

/**
 * @param {HTMLButtonElement} button
 * @param {SVGSVGElement} sign
 * @param {SessionView | null} session
 */
export function showToggle(button, sign, session) {
  const isOn = session?.playback === 'playing' || session?.playback === 'buffering';
  setIcon(sign, isOn ? 'pause' : 'play');
  button.classList.toggle('loading', session?.playback === 'buffering');
  setAttributes(button, { 'aria-label': isOn ? 'Pause' : 'Play', title: isOn ? 'Pause (space)' : 'Play (space)' });
}

/**
 * @param {import('../actions.js').Actions} actions
 * @param {(share: number) => void} wander
 */
function progressView(actions, wander) {
  const length = element('span', { class: 'length' });
  let durationMs = 0;
  let trackId = '';
  const seek = slider({
    className: 'seek',
    label: 'Position in the track',
    max: 0,
    step: 1_000,
    say: (value) => `${spokenTime(value)} of ${spokenTime(durationMs)}`,
    word: clockTime,
    chosen: (value) => void actions.seek(value),
  });
  return {
    element: element('div', { class: 'progress' }, seek.shown, seek.element, length),
    /** @param {PageState} state */
    show({ household, positionAtMs, link }) {
      const session = household?.session ?? null;
      const track = session?.track ?? null;
      if (trackId !== (track?.id ?? '')) seek.release();
      trackId = track?.id ?? '';
      durationMs = track?.durationMs ?? 0;
      // Without the bridge nobody knows whether it still plays; the thumb then rests where it was last known to be.
      const ageMs = link === 'lost' ? 0 : performance.now() - positionAtMs;
      const positionMs = session === null || track === null ? 0 : positionNow(session, ageMs);
      seek.setEnabled(track !== null);
      seek.show(positionMs, durationMs);
      wander(durationMs === 0 ? 0 : positionMs / durationMs);
      setText(length, track === null ? '–:––' : clockTime(durationMs));
    },
  };
}

/** @param {import('../actions.js').Actions} actions */
function nextView(actions) {
  const list = element('ol', { class: 'next' });
  const view = element(
    'section',
    { class: 'panel', attributes: { 'aria-labelledby': 'next-title' } },
    element('h2', { attributes: { id: 'next-title' } }, 'Next'),
    list,
  );
  return {
    element: view,
    /** @param {SessionView | null} session */
    show(session) {
      const tracks = session?.next ?? [];
      view.hidden = tracks.length === 0;
      // A track may come twice, and a context that goes round comes to an entry again; its place among its kind tells them apart.
      const seen = new Map();
      const keyed = tracks.map((track, place) => {
        const uid = session?.nextUids?.[place] ?? null;
        const name = uid ?? track.id;
        const count = seen.get(name) ?? 0;
        seen.set(name, count + 1);
        return { track, uid, key: `${name}/${count}` };
      });
      reconcile(
        list,
        keyed,
        (it) => it.key,
        ({ track, uid }) =>
          element(
            'li',
            { class: 'next-track' },
            art({ title: track.album, artPath: track.artPath }, 'track-art'),
            element(
              'span',
              { class: 'track-words' },
              element('span', { class: 'track-title' }, track.title),
              element('span', { class: 'track-about' }, artistLine(track.artists)),
            ),
            element('span', { class: 'track-time' }, clockTime(track.durationMs)),
            uid === null
              ? ''
              : iconButton('remove', `Take out “${track.title}”`, 'quiet-button', () => void actions.takeOut(uid)),
          ),
      );
    },
  };
}
