// @ts-check
/** What the buttons do: one command to the bridge each, and words when it is refused. The state comes back as an event. */
import { api, RequestFailure } from './api.js';
import { whereToPlay } from './household.js';

/** @typedef {ReturnType<typeof createActions>} Actions */

/** A slider moves faster than a speaker's volume needs to. */
const VOLUME_EVERY_MS = 150;
const REPEAT_AFTER = /** @type {const} */ ({ off: 'context', context: 'track', track: 'off' });

/**
 * @param {import('./store.js').Store} store
 * @param {ReturnType<typeof import('./notices.js').createNotices>} notices
 */
export function createActions(store, notices) {
  const session = () => store.state.household?.session ?? null;
  const speakers = () => store.state.household?.speakers ?? [];

  /** @param {Promise<unknown>} command @returns {Promise<boolean>} whether it was done */
  async function perform(command) {
    try {
      await command;
      return true;
    } catch (thrown) {
      notices.say(thrown instanceof RequestFailure ? thrown.message : 'That did not work.', 'problem');
      return false;
    }
  }

  /**
   * What was playing elsewhere, or on a speaker that has gone, goes on at this one.
   * @param {string} id
   * @param {unknown} music undefined: go on
   */
  function playOn(id, music) {
    return music === undefined && session()?.track != null ? api.transfer(id, true) : api.play(music, id);
  }

  /** @param {unknown} music what `api.play` takes; undefined: go on */
  async function play(music) {
    const where = whereToPlay(speakers(), store.state.preferredSpeakerId);
    if (where.kind === 'none') {
      notices.say('No speaker is online. Start one with “tonearm speaker”, or switch one on.', 'problem');
    } else if (where.kind === 'ask') {
      store.update({ waiting: { music }, isPlayerOpen: true });
      notices.say('Where? Choose a speaker.');
    } else {
      await perform(where.kind === 'on' ? playOn(where.id, music) : api.play(music));
    }
  }

  /** @param {string} id @param {string} name */
  async function chooseSpeaker(id, name) {
    const { waiting } = store.state;
    if (waiting !== null) {
      store.update({ waiting: null, preferredSpeakerId: id });
      await perform(playOn(id, waiting.music));
    } else if (session()?.track != null) {
      store.update({ movingToId: id });
      await perform(api.transfer(id));
      store.update({ movingToId: null });
    } else {
      store.update({ preferredSpeakerId: id });
      notices.say(`Music will play on ${name}.`);
    }
  }

  return {
    play,
    chooseSpeaker,
    toggle() {
      const now = session();
      if (now?.playback === 'playing' || now?.playback === 'buffering') return perform(api.pause());
      return play(now?.track == null ? { context_uri: 'tonearm:library' } : undefined);
    },
    next: () => perform(api.next()),
    previous: () => perform(api.previous()),
    /** @param {number} positionMs */
    seek: (positionMs) => perform(api.seek(positionMs)),
    toggleShuffle: () => perform(api.shuffle(session()?.isShuffled !== true)),
    turnRepeat: () => perform(api.repeat(REPEAT_AFTER[session()?.repeat ?? 'off'])),
    setVolume: spaced((/** @type {string} */ id, /** @type {number} */ volume) => perform(api.volume(id, volume))),
    /** @param {import('./api.js').TrackRow} track */
    async enqueue(track) {
      if (await perform(api.enqueue(track))) notices.say(`“${track.title}” plays next.`);
    },
    /** @param {string} uid of an entry of what comes next */
    takeOut: (uid) => perform(api.takeOut(uid)),
    /** @returns {Promise<import('./api.js').NewSpeaker[]>} none when that cannot be known */
    async newSpeakers() {
      /** @type {import('./api.js').NewSpeaker[]} */
      let found = [];
      await perform(
        api.newSpeakers().then((speakers) => {
          found = speakers;
        }),
      );
      return found;
    },
    /** @param {string} id @param {string} code */
    async addSpeaker(id, code) {
      const isAdded = await perform(api.pair(id, code));
      if (isAdded) notices.say('It belongs to this house now.');
      return isAdded;
    },
    /** @param {string} folder */
    ingest: (folder) => perform(api.ingest(folder)),
  };
}

/**
 * Sends the first value at once, then the newest at most every `VOLUME_EVERY_MS`; the last one always arrives. One at a
 * time, so that an older value can never overtake a newer one.
 * @param {(id: string, value: number) => Promise<unknown>} send
 */
function spaced(send) {
  /** @type {Map<string, number>} newest value not sent yet, per speaker */
  const waiting = new Map();
  let isSending = false;
  async function drain() {
    if (isSending) return;
    isSending = true;
    for (let [next] = waiting; next !== undefined; [next] = waiting) {
      waiting.delete(next[0]);
      await Promise.all([send(...next), new Promise((resolve) => setTimeout(resolve, VOLUME_EVERY_MS))]);
    }
    isSending = false;
  }
  /** @param {string} id @param {number} value */
  return (id, value) => {
    waiting.set(id, value);
    void drain();
  };
}
