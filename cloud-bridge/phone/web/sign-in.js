// @ts-check
/**
 * Coming in: by name and password, by a link, and letting a program in. One file for four addresses; each asks who is
 * there first, and goes on where it was once somebody is.
 */
import { ask, DoorFailure, wordsForScopes } from './account-door.js';
import { element, put } from './dom.js';

const PASSWORD_LENGTH_MIN = 8;

const found = document.getElementById('main');
if (found === null) throw new Error('sign-in.html has no #main');
const main = found;

/**
 * @param {string} label
 * @param {Record<string, string | number | boolean>} attributes
 */
function field(label, attributes) {
  const input = element('input', { attributes });
  return { input, label: element('label', {}, label, input) };
}

/**
 * A form that says what went wrong, and can be sent again.
 * @param {import('./dom.js').Child[]} content
 * @param {string} button
 * @param {() => Promise<void>} submit
 */
function form(content, button, submit) {
  const trouble = element('p', { class: 'trouble', attributes: { role: 'alert' } });
  const go = element('button', { class: 'plain-button', attributes: { type: 'submit' } }, button);
  return element(
    'form',
    {
      on: {
        submit: (event) => {
          event.preventDefault();
          go.disabled = true;
          put(trouble);
          submit()
            .catch((thrown) => put(trouble, thrown instanceof Error ? thrown.message : String(thrown)))
            .finally(() => {
              go.disabled = false;
            });
        },
      },
    },
    ...content,
    trouble,
    go,
  );
}

/** @param {string} title @param {...import('./dom.js').Child} content */
function show(title, ...content) {
  document.title = `${title} · Tonearm`;
  put(main, element('h1', {}, title), ...content);
  main.querySelector('input')?.focus();
}

/** @param {() => void} then once somebody is signed in */
function showSignIn(then) {
  const name = field('Name', { name: 'name', autocomplete: 'username', required: true, maxlength: 64 });
  const password = field('Password', { type: 'password', autocomplete: 'current-password', required: true });
  const send = async () => {
    await ask('POST', 'sign-in', { name: name.input.value, password: password.input.value });
    then();
  };
  show(
    'Sign in',
    form([name.label, password.label], 'Sign in', send),
    element(
      'p',
      { class: 'soft' },
      'No password, or forgotten? An owner of this house can make you a link, under People. An owner who cannot come in starts the bridge once with --owner-link.',
    ),
  );
}

/** @param {(me: { name: string, role: string, scopes: string[] }) => void} then */
async function whenSignedIn(then) {
  try {
    then(await ask('GET', 'me'));
  } catch (thrown) {
    if (thrown instanceof DoorFailure && thrown.isSignInNeeded) showSignIn(() => void whenSignedIn(then));
    else show('That did not work', element('p', {}, thrown instanceof Error ? thrown.message : String(thrown)));
  }
}

function home() {
  const hash = location.hash.startsWith('#/') ? location.hash : '';
  location.assign(`/${hash}`);
}

async function welcome() {
  const token = location.hash.slice(1);
  // Not for the history, nor for whoever looks over a shoulder.
  history.replaceState(null, '', '/welcome');
  try {
    const { name, hasPassword } = await ask('POST', 'links/look', { token });
    showWelcome(token, name, hasPassword);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    show(
      'This link leads nowhere',
      element('p', {}, message),
      element('a', { attributes: { href: '/sign-in' } }, 'Sign in'),
    );
  }
}

/**
 * @param {string} token
 * @param {string | null} person null: the first owner
 * @param {boolean} hasPassword
 */
function showWelcome(token, person, hasPassword) {
  const name = field('Your name', { name: 'name', autocomplete: 'username', required: true, maxlength: 64 });
  const attributes = {
    type: 'password',
    autocomplete: 'new-password',
    minlength: PASSWORD_LENGTH_MIN,
    required: person === null,
  };
  const optional =
    person === null ? 'Choose a password' : 'Choose a password, to come in elsewhere too (or leave it empty)';
  const password = field(optional, attributes);
  const send = async () => {
    const chosen = password.input.value;
    await ask('POST', 'links/use', {
      token,
      ...(person === null ? { name: name.input.value } : {}),
      ...(chosen === '' ? {} : { password: chosen }),
    });
    location.assign('/');
  };
  const title = person === null ? 'Welcome home' : `Hello, ${person}`;
  const said = person === null ? 'You are the first here: this house and its speakers will be yours.' : 'Come in.';
  const content = [person === null && name.label, !hasPassword && password.label];
  show(title, element('p', {}, said), form(content, person === null ? 'Move in' : 'Come in', send));
}

function device() {
  void whenSignedIn((me) => {
    const code = field('The code that the program shows', {
      class: 'code',
      name: 'code',
      autocomplete: 'off',
      autocapitalize: 'characters',
      spellcheck: false,
      required: true,
      maxlength: 16,
    });
    code.input.value = location.hash.slice(1);
    history.replaceState(null, '', '/device');
    const send = async () => {
      const userCode = code.input.value;
      const { label, address, scopes } = await ask('POST', 'devices/look', { userCode });
      const decide = async (/** @type {boolean} */ isAllowed) => {
        await ask('POST', 'devices/decide', { userCode, isAllowed });
        show(isAllowed ? 'It is in' : 'It stays out', element('p', {}, 'You may close this page.'));
      };
      showConsent(`${label}, at ${address}, wants to come in as ${me.name}.`, scopes, decide);
    };
    show('Let a program in', form([code.label], 'Go on', send));
  });
}

function authorize() {
  void whenSignedIn((me) => {
    const query = location.search.slice(1);
    const given = new URLSearchParams(query);
    const target = given.get('redirect_uri') ?? '';
    const host = /^https?:\/\/([^/]+)/i.exec(target)?.[1] ?? `${target.split(':')[0]}:`;
    const scopes = (given.get('scope') ?? '').split(' ').filter((it) => it === '' || me.scopes.includes(it));
    const decide = async (/** @type {boolean} */ isAllowed) => {
      const { redirectTo } = await ask('POST', 'authorize/decide', { query, isAllowed });
      location.assign(redirectTo);
    };
    const asked = scopes.join('') === '' ? me.scopes : scopes;
    showConsent(
      `${given.get('client_id')}, which continues at ${host}, wants to come in as ${me.name}.`,
      asked,
      decide,
    );
  });
}

/**
 * @param {string} question
 * @param {readonly string[]} scopes
 * @param {(isAllowed: boolean) => Promise<void>} decide
 */
function showConsent(question, scopes, decide) {
  const no = element('button', { class: 'quiet-button', attributes: { type: 'button' } }, 'Not this one');
  no.addEventListener('click', () => void decide(false));
  const may = wordsForScopes(scopes).map((words) => element('li', {}, words));
  show(
    'Let it in?',
    form(
      [element('p', {}, question), element('p', {}, 'It could:'), element('ul', { class: 'scopes' }, ...may)],
      'Let it in',
      () => decide(true),
    ),
    no,
  );
}

if (location.pathname === '/welcome') void welcome();
else if (location.pathname === '/device') device();
else if (location.pathname === '/authorize') authorize();
else showSignIn(home);
