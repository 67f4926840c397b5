// @ts-check
/** The page at the bridge: joins the store, the events, the views and the address bar. */
import { createActions } from './actions.js';
import { api, sendCommandsBy } from './api.js';
import { put, setText } from './dom.js';
import { followEvents } from './events.js';
import { createNotices } from './notices.js';
import { routeOf, searchHash } from './routes.js';
import { tellWhatIsShown } from './showing.js';
import { createStore } from './store.js';
import { albumView } from './views/album.js';
import { ingestView } from './views/ingest.js';
import { libraryView } from './views/library.js';
import { miniView } from './views/mini.js';
import { playerView } from './views/player.js';
import { searchView } from './views/search.js';
import { markCurrentTrack } from './views/track-list.js';

/** A search while one still types; short enough not to be felt. */
const SEARCH_AFTER_MS = 220;
/** A loss that is over sooner is not worth a word. */
const LOSS_SHOWN_AFTER_MS = 1_200;
/** The library is read again this often at most while music is being added. */
const REFRESH_EVERY_MS = 2_500;
/** As in style.css: from here on the player stands beside the music. */
const WIDE = matchMedia('(min-width: 900px)');

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no #${id}`);
  return found;
}

const store = createStore();
const notices = createNotices(byId('notices'));
const actions = createActions(store, notices);
const main = byId('main');

playerView(byId('player'), store, actions, () => history.back());
miniView(byId('mini'), store, actions, () => store.update({ isPlayerOpen: true }));
ingestView(byId('ingest'), store);
markCurrentTrack(main, store);
tellWhatIsShown(main);
showRoutes();
showSearch();
showConnection();
showPlayer();
listenToKeys();

const events = followEvents({
  changed: (household, positionAtMs) => store.update({ household, positionAtMs }),
  link: (link) => store.update({ link }),
  check: () => api.check(),
});
sendCommandsBy(events.ask);

function showRoutes() {
  /** @type {{ element: HTMLElement, refresh(): Promise<void>, stop(): void } | null} */
  let view = null;
  let shownHash = '';
  const show = () => {
    const route = routeOf(location.hash);
    const isSearch = route.kind === 'search';
    view?.stop();
    if (route.kind === 'album') view = albumView(route.id, actions);
    else if (isSearch) view = searchView(route.words, actions);
    else view = libraryView(route.kind, actions);
    put(main, view.element);
    scrollTo(0, 0);
    // While one types, the cursor stays in the search field.
    if (shownHash !== '' && !isSearch && document.activeElement?.id !== 'words') main.focus({ preventScroll: true });
    shownHash = location.hash || '#/';
  };
  addEventListener('hashchange', show);
  show();
  refreshWithIngest(() => view?.refresh());
}

/** @param {() => Promise<void> | undefined} refresh */
function refreshWithIngest(refresh) {
  let seen = '';
  let wasOpen = false;
  let timer = 0;
  store.subscribe(({ household, link }) => {
    if (household === null) return;
    const { isRunning, done, failed, found } = household.ingest;
    const now = [isRunning, done, failed, found].join();
    const hasReturned = link === 'open' && !wasOpen;
    wasOpen = link === 'open';
    if ((seen === '' || seen === now) && !(hasReturned && seen !== '')) {
      seen = now;
      return;
    }
    seen = now;
    if (timer !== 0) return;
    timer = setTimeout(
      () => {
        timer = 0;
        void refresh();
      },
      isRunning ? REFRESH_EVERY_MS : 100,
    );
  });
}

function showSearch() {
  const words = byId('words');
  if (!(words instanceof HTMLInputElement)) throw new Error('#words is an input');
  let timer = 0;
  const go = () => {
    clearTimeout(timer);
    const hash = searchHash(words.value);
    if (hash === (location.hash || '#/')) return;
    // One step back leaves the search, however much was typed.
    if (routeOf(location.hash).kind === 'search') location.replace(hash);
    else location.hash = hash;
  };
  words.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(go, SEARCH_AFTER_MS);
  });
  byId('search').addEventListener('submit', (event) => {
    event.preventDefault();
    go();
    words.blur();
  });
  const follow = () => {
    const route = routeOf(location.hash);
    if (document.activeElement !== words) words.value = route.kind === 'search' ? route.words : '';
  };
  addEventListener('hashchange', follow);
  follow();
}

function showConnection() {
  const banner = byId('connection');
  let timer = 0;
  store.subscribe(({ link, household }) => {
    document.body.classList.toggle('unconnected', link === 'lost');
    if (link === 'open') {
      clearTimeout(timer);
      timer = 0;
      banner.hidden = true;
    } else if (timer === 0) {
      timer = setTimeout(() => {
        banner.hidden = false;
        setText(banner, household === null ? 'Looking for the bridge…' : 'The bridge does not answer. Trying again…');
      }, LOSS_SHOWN_AFTER_MS);
    }
  });
}

/** On a phone the player is a page over the page: the back button closes it, and nothing behind it takes the focus. */
function showPlayer() {
  const player = byId('player');
  const behind = [byId('shelf'), byId('mini')];
  let wasOpen = false;
  const show = () => {
    const isOver = store.state.isPlayerOpen && !WIDE.matches;
    player.classList.toggle('open', isOver);
    document.body.classList.toggle('covered', isOver);
    for (const it of behind) it.inert = isOver;
    if (isOver && !wasOpen) {
      history.pushState({ isPlayerOpen: true }, '');
      player.querySelector('button')?.focus();
    }
    if (!isOver && wasOpen) byId('mini').querySelector('button')?.focus();
    wasOpen = isOver;
  };
  addEventListener('popstate', () => store.update({ isPlayerOpen: false }));
  WIDE.addEventListener('change', show);
  store.subscribe(show);
}

function listenToKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.key === 'Escape' && store.state.isPlayerOpen && !WIDE.matches) history.back();
    if (target.closest('input:not([type=range]), textarea, select, [contenteditable]') !== null) return;
    if (event.key === ' ' && target.closest('button, a, summary') === null) {
      event.preventDefault();
      void actions.toggle();
    } else if (event.key === '/') {
      event.preventDefault();
      byId('words').focus();
    }
  });
  document.querySelector('.skip')?.addEventListener('click', (event) => {
    event.preventDefault();
    main.focus();
  });
}
