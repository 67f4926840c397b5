// @ts-check
/** Who lives here: for owners everybody, for everybody what one is signed in with, a password and the way out. */
import { ask, DoorFailure } from './account-door.js';
import { element, put } from './dom.js';

const PASSWORD_LENGTH_MIN = 8;
const GUEST_HOURS_DEFAULT = 24;

const found = document.getElementById('main');
if (found === null) throw new Error('people.html has no #main');
const main = found;
const said = element('p', { class: 'soft', attributes: { role: 'status' } });

/** @param {() => Promise<unknown>} work shows what it throws, and everything anew when it did not */
async function perform(work) {
  put(said);
  try {
    await work();
    await refresh();
  } catch (thrown) {
    if (thrown instanceof DoorFailure && thrown.isSignInNeeded) location.assign('/sign-in');
    put(said, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** @param {string} label @param {() => Promise<unknown>} work */
function button(label, work) {
  const made = element('button', { class: 'quiet-button', attributes: { type: 'button' } }, label);
  made.addEventListener('click', () => void perform(work));
  return made;
}

/** @param {{ id: string, name: string, role: string, expiresAtMs: number | null }} person */
function personRow(person) {
  const until = person.expiresAtMs === null ? '' : `, until ${new Date(person.expiresAtMs).toLocaleString()}`;
  const shown = element('p', { class: 'link' });
  const makeLink = async () => {
    const { link } = await ask('POST', `people/${person.id}/links`, {});
    put(shown, link);
  };
  const linkButton = element('button', { class: 'quiet-button', attributes: { type: 'button' } }, 'Link');
  // Not through `perform`: what is shown anew would take the link away.
  linkButton.addEventListener('click', () => void makeLink().catch((thrown) => put(said, thrown.message)));
  const remove = button('Remove', () => ask('DELETE', `people/${person.id}`));
  return element(
    'li',
    {},
    element(
      'div',
      { class: 'person' },
      element('span', {}, `${person.name} (${person.role}${until})`),
      linkButton,
      remove,
    ),
    shown,
  );
}

function addForm() {
  const name = element('input', { attributes: { required: true, maxlength: 64, 'aria-label': 'Name' } });
  const role = element(
    'select',
    { attributes: { 'aria-label': 'Role' } },
    ...['member', 'guest', 'owner'].map((it) => element('option', { attributes: { value: it } }, it)),
  );
  const submit = element('button', { class: 'plain-button', attributes: { type: 'submit' } }, 'Add');
  return element(
    'form',
    {
      on: {
        submit: (event) => {
          event.preventDefault();
          const hours = role.value === 'guest' ? { guestHours: GUEST_HOURS_DEFAULT } : {};
          void perform(() => ask('POST', 'people', { name: name.value, role: role.value, ...hours }));
        },
      },
    },
    element('h2', {}, 'Add somebody'),
    element('p', { class: 'soft' }, 'Then make a link and send it. A guest may play for a day.'),
    name,
    role,
    submit,
  );
}

function passwordForm() {
  const attributes = { type: 'password', maxlength: 256 };
  const current = element('input', { attributes: { ...attributes, autocomplete: 'current-password' } });
  const fresh = element('input', {
    attributes: { ...attributes, autocomplete: 'new-password', minlength: PASSWORD_LENGTH_MIN, required: true },
  });
  const submit = element('button', { class: 'plain-button', attributes: { type: 'submit' } }, 'Change it');
  return element(
    'form',
    {
      on: {
        submit: (event) => {
          event.preventDefault();
          void perform(async () => {
            const given = current.value === '' ? {} : { current: current.value };
            await ask('PUT', 'me/password', { ...given, password: fresh.value });
            put(said, 'Your password is changed, and you are signed out everywhere else.');
          });
        },
      },
    },
    element('h2', {}, 'Your password'),
    element('label', {}, 'The one you have, if any', current),
    element('label', {}, 'The new one', fresh),
    submit,
  );
}

async function refresh() {
  const [me, { items: grants }] = await Promise.all([ask('GET', 'me'), ask('GET', 'me/grants')]);
  const isOwner = me.scopes.includes('tonearm-accounts');
  const people = isOwner ? (await ask('GET', 'people')).items : [];
  const signOut = button('Sign out', async () => {
    await ask('POST', 'sign-out');
    location.assign('/sign-in');
  });
  const rows = grants.map((/** @type {{ id: string, label: string, isThis: boolean }} */ grant) =>
    element(
      'li',
      { class: 'person' },
      element('span', {}, grant.isThis ? `${grant.label} (this one)` : grant.label),
      grant.isThis ? null : button('Sign out', () => ask('DELETE', `me/grants/${grant.id}`)),
    ),
  );
  put(
    main,
    element('a', { attributes: { href: '/' } }, '‹ Music'),
    element('h1', {}, me.name),
    said,
    isOwner &&
      element('section', { class: 'card' }, element('h2', {}, 'People'), element('ul', {}, ...people.map(personRow))),
    isOwner && addForm(),
    element('section', { class: 'card' }, element('h2', {}, 'Where you are signed in'), element('ul', {}, ...rows)),
    passwordForm(),
    element('div', { class: 'buttons' }, signOut),
  );
}

put(main, said);
void perform(async () => undefined);
