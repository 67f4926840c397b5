// @ts-check
/** A new speaker comes into the house: one that is on the network, and the nine digits that it says. */
import { element, put, setText } from '../dom.js';

/** @typedef {import('../api.js').NewSpeaker} NewSpeaker */

const CODE_LENGTH_MAX = 20;
/** @type {Record<NewSpeaker['pairing'], string>} */
const ABOUT = {
  open: '',
  closed: ' (start it anew first)',
  owned: ' (belongs to another house)',
  unknown: ' (does not answer)',
};

/** @param {import('../actions.js').Actions} actions */
export function addSpeakerView(actions) {
  const speaker = element('select', { attributes: { required: true, 'aria-label': 'Which speaker' } });
  const code = element('input', {
    attributes: {
      required: true,
      inputmode: 'numeric',
      autocomplete: 'off',
      maxlength: CODE_LENGTH_MAX,
      placeholder: '123 456 789',
      'aria-label': 'The nine digits that it says',
    },
  });
  const hint = element('p', { class: 'empty small', attributes: { role: 'status' } });
  const submit = element('button', { class: 'plain-button', attributes: { type: 'submit' } }, 'Add');
  const look = async () => {
    setText(hint, 'Looking…');
    const found = await actions.newSpeakers();
    const options = found.map(({ id, name, pairing }) =>
      element('option', { attributes: { value: id, disabled: pairing !== 'open' } }, name + ABOUT[pairing]),
    );
    put(speaker, ...options);
    const isAny = found.some(({ pairing }) => pairing === 'open');
    submit.disabled = !isAny;
    setText(
      hint,
      isAny ? 'It says its code when it starts.' : 'No new speaker is here. It says a code when it starts.',
    );
  };
  const add = async () => {
    submit.disabled = true;
    setText(hint, 'One moment…');
    const isAdded = await actions.addSpeaker(speaker.value, code.value);
    code.value = '';
    if (isAdded) view.open = false;
    await look();
  };
  const form = element(
    'form',
    {
      class: 'add-speaker',
      on: {
        submit: (event) => {
          event.preventDefault();
          void add();
        },
      },
    },
    speaker,
    code,
    submit,
  );
  const toggled = () => {
    if (view.open) void look();
  };
  const view = element(
    'details',
    { class: 'add-more', on: { toggle: toggled } },
    element('summary', {}, 'Add a speaker'),
    form,
    hint,
  );
  return view;
}
