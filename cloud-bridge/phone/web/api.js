// @ts-check
/**
 * The bridge's REST door, and for commands the events socket while it is open. Answers are brought into the few shapes that the page shows, and nothing of an answer is
 * trusted further than that: text stays text, a picture's path must be one of this bridge.
 */
import { newRequestId } from './requests.js';
import { sentenceFor } from './words.js';

/**
 * @typedef {object} TrackRow
 * @property {string} id
 * @property {string} uri
 * @property {string} title
 * @property {string[]} artists
 * @property {string} album
 * @property {string} albumUri
 * @property {number} durationMs
 * @property {string | null} artPath
 */
/**
 * @typedef {object} AlbumCard
 * @property {string} id
 * @property {string} uri
 * @property {string} title
 * @property {string[]} artists
 * @property {number | null} year
 * @property {number} trackCount
 * @property {string | null} artPath
 */
/**
 * @template Item
 * @typedef {{ items: Item[], total: number }} Page
 */
/** @typedef {{ id: string, name: string, pairing: 'open' | 'closed' | 'owned' | 'unknown' }} NewSpeaker */

/** A hand-over may take seconds; past this the bridge itself is stuck. */
const DEADLINE_MS = 15_000;
/** Three questions to a small board. */
const PAIRING_DEADLINE_MS = 45_000;
const PAIRINGS = /** @type {const} */ (['open', 'closed', 'owned']);
const STATUS_UNAUTHORISED = 401;
export const PAGE_ITEMS = 60;
const SEARCH_ITEMS = 20;
/** The Web API's largest page, and as many tracks as a session holds. */
const ALBUM_PAGE_ITEMS = 50;
const ALBUM_TRACKS_MAX = 1_000;

/** A refusal by the bridge, or that it did not answer (`page.unreachable`). `message` is for people. */
export class RequestFailure extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = 'RequestFailure';
    this.code = code;
  }
}

/** To the page for that, and back to where one was. */
function signIn() {
  location.assign(`/sign-in${location.hash}`);
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{ query?: Record<string, string | number | boolean | undefined>, body?: unknown, signal?: AbortSignal, deadlineMs?: number, id?: string }} [options]
 * @returns {Promise<any>} the answer as JSON; null when it is empty
 */
async function request(method, path, options = {}) {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), options.deadlineMs ?? DEADLINE_MS);
  options.signal?.addEventListener('abort', () => deadline.abort(), { once: true });
  try {
    const answer = await fetch(url, {
      method,
      signal: deadline.signal,
      cache: 'no-store',
      headers: {
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(options.id === undefined ? {} : { 'idempotency-key': options.id }),
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const text = await answer.text();
    const json = text === '' ? null : JSON.parse(text);
    if (answer.ok) return json;
    const error = json?.error ?? {};
    if (answer.status === STATUS_UNAUTHORISED) signIn();
    throw new RequestFailure(String(error.code ?? error.reason ?? answer.status), sentenceFor(error));
  } catch (thrown) {
    if (thrown instanceof RequestFailure || options.signal?.aborted) throw thrown;
    throw new RequestFailure('page.unreachable', sentenceFor({ code: 'page.unreachable' }));
  } finally {
    clearTimeout(timer);
  }
}

/** @type {import('./events.js').Asker} */
let askOnSocket = () => null;

/** @param {import('./events.js').Asker} ask from now on, commands go there first */
export function sendCommandsBy(ask) {
  askOnSocket = ask;
}

/**
 * A command: on the socket, where it costs no round of headers, else over HTTP. One that the socket took with it is asked
 * again under its id, so that nothing is done twice.
 * @param {object} body as the contract has it
 * @param {(id: string) => Promise<unknown>} overHttp
 */
async function command(body, overHttp) {
  const id = newRequestId();
  const outcome = await askOnSocket(id, body);
  if (outcome === null || outcome.kind === 'lost') return await overHttp(id);
  if (outcome.kind === 'unanswered') {
    throw new RequestFailure('page.unreachable', sentenceFor({ code: 'page.unreachable' }));
  }
  if (outcome.kind === 'refused') throw new RequestFailure(outcome.error.code, sentenceFor(outcome.error));
  return null;
}

/** @param {unknown} value */
const text = (value) => (typeof value === 'string' ? value : '');
/** @param {unknown} value */
const number = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
/** @param {unknown} value @returns {any[]} */
const list = (value) => (Array.isArray(value) ? value : []);
/** @param {unknown} value */
const names = (value) => list(value).map((it) => text(typeof it === 'string' ? it : it?.name));

/**
 * @param {unknown} value
 * @returns {string | null} null for anything but a path at this very bridge
 */
export function ownPath(value) {
  if (typeof value !== 'string' || value === '') return null;
  try {
    const url = new URL(value, location.origin);
    return url.origin === location.origin ? url.pathname + url.search : null;
  } catch {
    return null;
  }
}

/** @param {any} raw ours or the Web API's @returns {TrackRow} */
function trackRow(raw) {
  const album = typeof raw?.album === 'object' && raw.album !== null ? raw.album : null;
  return {
    id: text(raw?.id),
    uri: text(raw?.uri),
    title: text(raw?.title ?? raw?.name),
    artists: names(raw?.artists),
    album: album === null ? text(raw?.album) : text(album.title ?? album.name),
    albumUri: text(raw?.albumUri ?? album?.uri),
    durationMs: number(raw?.durationMs ?? raw?.duration_ms),
    artPath: ownPath(raw?.artPath ?? album?.images?.[0]?.url),
  };
}

/** @param {any} raw ours or the Web API's @returns {AlbumCard} */
function albumCard(raw) {
  const year = Number(raw?.year ?? text(raw?.release_date).slice(0, 4));
  return {
    id: text(raw?.id),
    uri: text(raw?.uri) || `tonearm:album:${text(raw?.id)}`,
    title: text(raw?.title ?? raw?.name),
    artists: names(raw?.artists),
    year: Number.isInteger(year) && year > 0 ? year : null,
    trackCount: number(raw?.trackCount ?? raw?.total_tracks),
    artPath: ownPath(raw?.artPath ?? raw?.images?.[0]?.url),
  };
}

/**
 * @template Item
 * @param {any} raw
 * @param {(raw: any) => Item} read
 * @returns {Page<Item>}
 */
function page(raw, read) {
  return { items: list(raw?.items).map(read), total: number(raw?.total) };
}

const PLAYER = '/v1/me/player';
/** In a command: on the speaker that plays this person's music. */
const ACTIVE = { speakerId: null };

export const api = {
  /** Rejects when the bridge does not answer, and leads to the sign-in page when nobody is signed in any more. */
  check: () => request('GET', '/tonearm/v1/me'),
  /** @param {number} offset @returns {Promise<Page<AlbumCard>>} */
  albums: async (offset) =>
    page(await request('GET', '/tonearm/v1/albums', { query: { offset, limit: PAGE_ITEMS } }), albumCard),
  /** @param {number} offset @returns {Promise<Page<TrackRow>>} */
  tracks: async (offset) =>
    page(await request('GET', '/tonearm/v1/tracks', { query: { offset, limit: PAGE_ITEMS } }), trackRow),
  /** @param {string} id @returns {Promise<{ album: AlbumCard, tracks: TrackRow[] }>} */
  async album(id) {
    const path = `/v1/albums/${encodeURIComponent(id)}`;
    const raw = await request('GET', path);
    const album = albumCard(raw);
    const rows = list(raw?.tracks?.items);
    const total = Math.min(number(raw?.tracks?.total), ALBUM_TRACKS_MAX);
    while (rows.length < total) {
      const query = { offset: rows.length, limit: ALBUM_PAGE_ITEMS };
      const more = list((await request('GET', `${path}/tracks`, { query }))?.items);
      if (more.length === 0) break;
      rows.push(...more);
    }
    return { album, tracks: rows.map(trackRow) };
  },
  /**
   * @param {string} words
   * @param {AbortSignal} signal
   * @returns {Promise<{ tracks: Page<TrackRow>, albums: Page<AlbumCard> }>}
   */
  async search(words, signal) {
    const query = { q: words, type: 'track,album', limit: SEARCH_ITEMS };
    const raw = await request('GET', '/v1/search', { query, signal });
    return { tracks: page(raw?.tracks, trackRow), albums: page(raw?.albums, albumCard) };
  },

  /** @param {unknown} what `{context_uri, offset}` or `{uris}`; undefined: go on @param {string} [speakerId] */
  play(what, speakerId) {
    /** @param {string} [id] */
    const overHttp = (id) =>
      request('PUT', `${PLAYER}/play`, { query: { device_id: speakerId }, body: what ?? {}, ...(id && { id }) });
    // What a context holds is for the bridge to find out.
    return what === undefined ? command({ kind: 'resume', speakerId: speakerId ?? null }, overHttp) : overHttp();
  },
  pause: () => command({ kind: 'pause', ...ACTIVE }, (id) => request('PUT', `${PLAYER}/pause`, { id })),
  next: () => command({ kind: 'next', ...ACTIVE }, (id) => request('POST', `${PLAYER}/next`, { id })),
  previous: () => command({ kind: 'previous', ...ACTIVE }, (id) => request('POST', `${PLAYER}/previous`, { id })),
  /** @param {number} position ms */
  seek(position) {
    const positionMs = Math.round(position);
    const query = { position_ms: positionMs };
    return command({ kind: 'seek', ...ACTIVE, positionMs }, (id) => request('PUT', `${PLAYER}/seek`, { query, id }));
  },
  /** @param {string} speakerId @param {number} volume */
  volume(speakerId, volume) {
    const query = { volume_percent: volume, device_id: speakerId };
    return command({ kind: 'setVolume', speakerId, volume }, (id) => request('PUT', `${PLAYER}/volume`, { query, id }));
  },
  /** @param {boolean} isOn */
  shuffle: (isOn) =>
    command({ kind: 'setShuffle', ...ACTIVE, isOn }, (id) =>
      request('PUT', `${PLAYER}/shuffle`, { query: { state: isOn }, id }),
    ),
  /** @param {'off' | 'context' | 'track'} mode */
  repeat: (mode) =>
    command({ kind: 'setRepeat', ...ACTIVE, mode }, (id) =>
      request('PUT', `${PLAYER}/repeat`, { query: { state: mode }, id }),
    ),
  /** @param {string} speakerId @param {boolean} [play] */
  transfer(speakerId, play) {
    const [body, isPlaying] = play === undefined ? [{}, {}] : [{ play }, { isPlaying: play }];
    return command({ kind: 'transfer', speakerId, ...isPlaying }, (id) =>
      request('PUT', PLAYER, { body: { device_ids: [speakerId], ...body }, id }),
    );
  },
  /** @param {TrackRow} track */
  enqueue: ({ id: trackId, uri }) =>
    command({ kind: 'enqueue', ...ACTIVE, trackId }, (id) =>
      request('POST', `${PLAYER}/queue`, { query: { uri }, id }),
    ),
  /** @param {string} uid of an entry of what comes next */
  takeOut: (uid) =>
    command({ kind: 'queueRemove', ...ACTIVE, uids: [uid] }, (id) =>
      request('DELETE', '/tonearm/v1/session/queue', { query: { uids: uid }, id }),
    ),
  /** @param {string[]} trackIds those that can be seen, from the top */
  showing: (trackIds) => request('PUT', '/tonearm/v1/showing', { body: { trackIds } }),
  /** Speakers on the network that are not of this house. @returns {Promise<NewSpeaker[]>} */
  newSpeakers: async () =>
    list((await request('GET', '/tonearm/v1/pairings/candidates'))?.items).map((raw) => ({
      id: text(raw?.id),
      name: text(raw?.name),
      pairing: PAIRINGS.find((it) => it === raw?.pairing) ?? 'unknown',
    })),
  /** @param {string} speakerId @param {string} code */
  pair: (speakerId, code) =>
    request('POST', '/tonearm/v1/pairings', { body: { speakerId, code }, deadlineMs: PAIRING_DEADLINE_MS }),
  /** @param {string} folder */
  ingest: (folder) => request('POST', '/tonearm/v1/ingest', { body: { folder } }),
};
