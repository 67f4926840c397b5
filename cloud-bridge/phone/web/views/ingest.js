// @ts-check
/** How far the reading of music is, what could not be read and why, and a way to add more. */
import { element, put, setText } from '../dom.js';

/**
 * @param {import('../actions.js').Actions} actions
 * @param {string} id of its field, unique on the page
 */
export function addMusicForm(actions, id) {
  const folder = element('input', {
    attributes: {
      id,
      type: 'text',
      placeholder: '/home/me/Music',
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
      maxlength: 1000,
      required: true,
    },
  });
  return element(
    'form',
    {
      class: 'add-music',
      on: {
        submit: (event) => {
          event.preventDefault();
          void actions.ingest(folder.value.trim());
        },
      },
    },
    element('label', { class: 'unseen', attributes: { for: id } }, 'Folder with music'),
    folder,
    element('button', { class: 'plain-button', attributes: { type: 'submit' } }, 'Add'),
  );
}

/** Which finished ingest need not be shown again, across visits. */
const DISMISSED = 'tonearm.ingest-dismissed';

/**
 * @param {HTMLElement} place
 * @param {import('../store.js').Store} store
 */
export function ingestView(place, store) {
  const words = element('p', { class: 'ingest-words', attributes: { id: 'ingest-words' } });
  const bar = element('progress', { class: 'ingest-bar', attributes: { 'aria-labelledby': 'ingest-words' } });
  const failures = element('ul', { class: 'ingest-failures' });
  const summary = element('summary', {});
  const details = element('details', { class: 'ingest-details' }, summary, failures);
  const dismiss = element(
    'button',
    { class: 'ingest-dismiss', attributes: { type: 'button' }, on: { click: () => forget() } },
    'Dismiss',
  );
  const head = element('div', { class: 'ingest-head' }, words, dismiss);
  const box = element('section', { class: 'ingest', attributes: { 'aria-label': 'Adding music' } }, head, bar, details);
  let shown = '';
  let dismissed = localStorage.getItem(DISMISSED) ?? '';
  const forget = () => {
    const ingest = store.state.household?.ingest;
    if (ingest === undefined) return;
    dismissed = nameOf(ingest);
    localStorage.setItem(DISMISSED, dismissed);
    put(place);
  };
  store.subscribe(({ household }) => {
    const ingest = household?.ingest;
    const isWorthIt = ingest !== undefined && (ingest.isRunning || (ingest.failed > 0 && nameOf(ingest) !== dismissed));
    if (isWorthIt !== (box.parentElement === place)) put(place, isWorthIt && box);
    if (!isWorthIt || shown === JSON.stringify(ingest)) return;
    shown = JSON.stringify(ingest);
    const finished = ingest.done + ingest.failed;
    setText(
      words,
      ingest.isRunning
        ? `Adding music: ${finished} of ${ingest.found} files`
        : `${ingest.done} files are in the library`,
    );
    dismiss.hidden = ingest.isRunning;
    bar.hidden = !ingest.isRunning;
    bar.max = Math.max(1, ingest.found);
    bar.value = finished;
    details.hidden = ingest.failed === 0;
    setText(summary, `${ingest.failed} ${ingest.failed === 1 ? 'file' : 'files'} could not be read`);
    put(failures, ...ingest.failures.map((it) => element('li', {}, element('b', {}, it.path), ` ${it.error.message}`)));
  });
}

/** @param {import('../household.js').IngestView} ingest */
function nameOf(ingest) {
  return JSON.stringify([ingest.folder, ingest.failed, ingest.failures.map((it) => it.path)]);
}
