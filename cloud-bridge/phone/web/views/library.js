// @ts-check
/** All music: albums or tracks, loaded as one scrolls, and kept up with an ingest that is running. */
import { api, PAGE_ITEMS } from '../api.js';
import { element, put, reconcile } from '../dom.js';
import { artistLine } from '../format.js';
import { art } from './art.js';
import { addMusicForm } from './ingest.js';
import { trackRow } from './track-list.js';

/** @typedef {import('../api.js').AlbumCard} AlbumCard */
/** @typedef {import('../api.js').TrackRow} TrackRow */

/** Rows and cards on the page; a larger library is searched, not scrolled. */
const SHOWN_MAX = 3_000;
/** Spec section 6: tracks of one context that a session holds. */
const SESSION_TRACKS_MAX = 1_000;

/** @param {AlbumCard} album */
export function albumCardView(album) {
  return element(
    'li',
    { class: 'album' },
    element(
      'a',
      { class: 'album-link', attributes: { href: `#/album/${encodeURIComponent(album.id)}` } },
      art(album, 'album-art'),
      element('span', { class: 'album-title' }, album.title),
      element('span', { class: 'album-artist' }, artistLine(album.artists)),
    ),
  );
}

/**
 * @param {'albums' | 'tracks'} kind
 * @param {import('../actions.js').Actions} actions
 * @returns {{ element: HTMLElement, refresh(): Promise<void>, stop(): void }}
 */
export function libraryView(kind, actions) {
  const shelf = kind === 'albums' ? albumShelf() : trackShelf(actions);
  const more = element('div', { class: 'more', attributes: { 'aria-hidden': true } });
  const problem = element('p', { class: 'empty', attributes: { role: 'status' } });
  const view = element(
    'section',
    { class: 'library' },
    tabs(kind),
    shelf.list,
    problem,
    more,
    element(
      'details',
      { class: 'add-more' },
      element('summary', {}, 'Add music'),
      addMusicForm(actions, 'folder-more'),
    ),
  );
  let loaded = 0;
  let total = Number.POSITIVE_INFINITY;
  /** @type {Promise<void>} one load after the other, so that pages cannot mix */
  let work = Promise.resolve();

  /** @param {number} offset */
  async function loadPage(offset) {
    try {
      const page = await shelf.load(offset);
      total = page.total;
      loaded = offset + page.count;
      put(problem, total === 0 && noMusic(actions));
      view.classList.toggle('bare', total === 0);
    } catch (thrown) {
      put(problem, thrown instanceof Error ? thrown.message : 'The library could not be read.');
      total = loaded;
    }
  }
  const loadMore = () => {
    work = work.then(() => (loaded < Math.min(total, SHOWN_MAX) ? loadPage(loaded) : undefined));
    return work;
  };
  const watcher = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && void fill(), {
    rootMargin: '600px',
  });
  async function fill() {
    await loadMore();
    // Observed anew: when the page is not full yet, nothing would cross the edge again.
    watcher.unobserve(more);
    if (loaded < Math.min(total, SHOWN_MAX)) watcher.observe(more);
  }
  watcher.observe(more);
  return {
    element: view,
    async refresh() {
      const pages = Math.max(1, Math.ceil(loaded / PAGE_ITEMS));
      work = work.then(async () => {
        shelf.forget();
        for (let page = 0; page < pages; page += 1) await loadPage(page * PAGE_ITEMS);
      });
      await work;
      await fill();
    },
    stop: () => watcher.disconnect(),
  };
}

/** @param {'albums' | 'tracks'} kind */
function tabs(kind) {
  const tab = (/** @type {string} */ name, /** @type {string} */ href, /** @type {boolean} */ isHere) =>
    element('a', { class: 'tab', attributes: { href, 'aria-current': isHere && 'page' } }, name);
  return element(
    'div',
    { class: 'library-head' },
    element('h1', {}, 'Your music'),
    element(
      'nav',
      { class: 'tabs', attributes: { 'aria-label': 'Library' } },
      tab('Albums', '#/', kind === 'albums'),
      tab('Tracks', '#/tracks', kind === 'tracks'),
    ),
  );
}

/** @param {import('../actions.js').Actions} actions */
function noMusic(actions) {
  return element(
    'div',
    { class: 'no-music' },
    element('h2', {}, 'No music yet'),
    element('p', {}, 'Name a folder on the machine where the bridge runs. What is in it appears here as it is read.'),
    addMusicForm(actions, 'folder-first'),
  );
}

function albumShelf() {
  /** @type {AlbumCard[]} */
  let albums = [];
  const list = element('ul', { class: 'albums' });
  return {
    list,
    forget: () => {
      albums = [];
    },
    /** @param {number} offset */
    async load(offset) {
      const page = await api.albums(offset);
      albums = unique([...albums.slice(0, offset), ...page.items]);
      reconcile(list, albums, (it) => it.id, albumCardView);
      return { count: page.items.length, total: page.total };
    },
  };
}

/** @param {import('../actions.js').Actions} actions */
function trackShelf(actions) {
  /** @type {TrackRow[]} */
  let tracks = [];
  const list = element('ol', { class: 'tracks' });
  const does = {
    // A session holds the library's first tracks; what comes after them is played with its album around it.
    play: (/** @type {TrackRow} */ it) => {
      const isInSession = tracks.findIndex((other) => other.id === it.id) < SESSION_TRACKS_MAX;
      const context = isInSession || it.albumUri === '' ? 'tonearm:library' : it.albumUri;
      void actions.play({ context_uri: context, offset: { uri: it.uri } });
    },
    enqueue: (/** @type {TrackRow} */ it) => void actions.enqueue(it),
  };
  return {
    list,
    forget: () => {
      tracks = [];
    },
    /** @param {number} offset */
    async load(offset) {
      const page = await api.tracks(offset);
      tracks = unique([...tracks.slice(0, offset), ...page.items]);
      reconcile(
        list,
        tracks,
        (it) => it.id,
        (it) => trackRow(it, does, { hasArt: true }),
      );
      return { count: page.items.length, total: page.total };
    },
  };
}

/**
 * Pages may overlap while music is being added between them.
 * @template {{ id: string }} Item
 * @param {Item[]} items
 */
function unique(items) {
  return [...new Map(items.map((it) => [it.id, it])).values()];
}
