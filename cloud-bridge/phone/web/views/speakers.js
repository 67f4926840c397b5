// @ts-check
/** The speakers: where it plays, how loud each is, and "play here" for the others. Offline ones are shown, greyed. */
import { element, icon, reconcile, setAttributes, setText } from '../dom.js';
import { speakersInOrder } from '../household.js';
import { addSpeakerView } from './add-speaker.js';
import { slider } from './slider.js';

/** @typedef {import('../household.js').SpeakerView} SpeakerView */

/**
 * @param {import('../store.js').Store} store
 * @param {import('../actions.js').Actions} actions
 */
export function speakersView(store, actions) {
  const list = element('ul', { class: 'speakers' });
  const hint = element(
    'p',
    { class: 'empty small', attributes: { hidden: true } },
    'No speaker has been here yet. Start one with “tonearm speaker”, on this machine or another.',
  );
  const view = element(
    'section',
    { class: 'panel', attributes: { 'aria-labelledby': 'speakers-title' } },
    element('h2', { attributes: { id: 'speakers-title' } }, 'Speakers'),
    hint,
    list,
    addSpeakerView(actions),
  );
  /** @type {WeakMap<HTMLElement, (speaker: SpeakerView) => void>} */
  const updates = new WeakMap();
  store.subscribe((state) => {
    const speakers = speakersInOrder(state.household?.speakers ?? []);
    hint.hidden = state.household === null || speakers.length > 0;
    reconcile(
      list,
      speakers,
      (it) => it.id,
      (it) => {
        const row = speakerRow(it, store, actions);
        updates.set(row.element, row.show);
        row.show(it);
        return row.element;
      },
      (row, it) => updates.get(row)?.(it),
    );
  });
  return view;
}

/**
 * @param {SpeakerView} first
 * @param {import('../store.js').Store} store
 * @param {import('../actions.js').Actions} actions
 */
function speakerRow({ id, name }, store, actions) {
  const shownName = element('span', { class: 'speaker-name' }, name);
  const about = element('span', { class: 'speaker-about' });
  const choose = element(
    'button',
    {
      class: 'speaker-choose',
      attributes: { type: 'button' },
      on: { click: () => void actions.chooseSpeaker(id, shownName.textContent ?? '') },
    },
    element('span', { class: 'speaker-sign' }, icon('speaker')),
    element('span', { class: 'speaker-words' }, shownName, about),
    element('span', { class: 'speaker-here' }, 'Play here'),
  );
  const volume = slider({
    className: 'volume',
    label: `Volume of ${name}`,
    max: 100,
    step: 1,
    say: (value) => `${value} percent`,
    moved: (value) => actions.setVolume(id, value),
    chosen: (value) => actions.setVolume(id, value),
  });
  const row = element(
    'li',
    { class: 'speaker' },
    choose,
    element('div', { class: 'volume-line' }, icon('volume'), volume.element, volume.shown),
  );
  return {
    element: row,
    /** @param {SpeakerView} speaker */
    show(speaker) {
      const { state } = store;
      const isPreferred = state.preferredSpeakerId === id && state.household?.session.activeSpeakerId == null;
      setText(shownName, speaker.name);
      setText(about, aboutSpeaker(speaker, { isMoving: state.movingToId === id, isPreferred }));
      row.classList.toggle('active', speaker.isActive);
      row.classList.toggle('offline', !speaker.isOnline);
      row.classList.toggle('troubled', speaker.isOnline && speaker.status?.outputProblem != null);
      choose.disabled = !speaker.isOnline || speaker.isActive || state.movingToId !== null;
      setAttributes(choose, { 'aria-current': speaker.isActive && 'true' });
      volume.setEnabled(speaker.isOnline && speaker.status !== null);
      if (speaker.status !== null) volume.show(speaker.status.volume);
    },
  };
}

/**
 * @param {SpeakerView} speaker
 * @param {{ isMoving: boolean, isPreferred: boolean }} here
 */
function aboutSpeaker(speaker, here) {
  if (!speaker.isOnline) return 'Offline';
  if (speaker.status?.outputProblem != null) return `No sound: ${speaker.status.outputProblem.message}`;
  if (here.isMoving) return 'Moving the music here…';
  if (speaker.isActive) return 'Plays here';
  return here.isPreferred ? 'Chosen for what comes' : 'Ready';
}
