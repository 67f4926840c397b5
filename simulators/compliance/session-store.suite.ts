/** What every session store must keep to: the contract of `cloud-bridge/core/ports/session-store.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import {
  type KnownSpeaker,
  PERFORMED_KEPT_MAX,
  type SessionStore,
  type StoredSession,
} from '#bridge/core/ports/session-store';
import { accountId, commandId, listId, speakerId, trackId } from '#protocol/vocabulary/ids';
import { frames } from '#protocol/vocabulary/units';
import type { SessionState } from '#protocol/wire/playback-state';

export interface SessionPlace {
  /** A store as the next process would open it, over the same place. The earlier one is closed or was killed. */
  open(): Promise<SessionStore>;
  stop(): Promise<void>;
}

const KITCHEN = speakerId('kitchen-speaker-1');
const TRACKS = Array.from({ length: 1_000 }, (_, place) => trackId(String(place).padStart(22, '0')));
const STATE: SessionState = {
  playback: {
    kind: 'paused',
    trackId: TRACKS[3] ?? trackId('0'.repeat(22)),
    positionFrames: frames(123_456),
    durationFrames: frames(9_600_000),
  },
  queue: { contextUri: 'tonearm:album:x', trackIds: TRACKS, index: 3, upNext: TRACKS.slice(0, 5), interlude: null },
  shuffleSeed: 4_294_967_295,
  repeat: 'context',
  problem: { trackId: null, error: { code: 'content.unreadable', message: 'naïve – “quoted”', field: 'a.b' } },
};
const HISTORY = [{ trackId: trackId('h'.repeat(22)), playedAtMs: 1_700_000_000_123, contextUri: null }];
const SAVED: StoredSession = {
  accountId: HOUSE_ACCOUNT,
  name: 'Anna – “A”',
  epoch: 7,
  activeSpeakerId: KITCHEN,
  state: STATE,
  history: HISTORY,
};
const OTHER: StoredSession = { ...SAVED, accountId: accountId('account-other'), name: null, epoch: 9, history: [] };
const LONG = Array.from({ length: 10_000 }, (_, place) => trackId(`x${String(place).padStart(21, '0')}`));
const LISTED: SessionState = {
  ...STATE,
  queue: { ...STATE.queue, trackIds: LONG, list: { id: listId('L'.repeat(22)), count: 10_000 } },
};

function speakerNamed(id: string, name: string, lastSeenMs: number): KnownSpeaker {
  return { id: speakerId(id), name, model: 'Virtual', version: '0.1.0', lastSeenMs };
}

export function describeSessionStore(name: string, create: () => Promise<SessionPlace>): void {
  describe(`session store: ${name}`, () => {
    let place: SessionPlace;
    beforeEach(async () => {
      place = await create();
    });
    afterEach(() => place.stop());

    it('begins with no sessions, no commands and no speakers', async () => {
      const store = await place.open();
      expect(await store.loadSessions()).toEqual([]);
      expect(await store.performedCommands()).toEqual([]);
      expect(await store.knownSpeakers()).toEqual([]);
    });

    it('gives back a whole session to the next process', async () => {
      await (await place.open()).saveSession(SAVED);
      expect(await (await place.open()).loadSessions()).toEqual([SAVED]);
    });

    it('keeps the epoch that was given away last, also where it made nobody the writer', async () => {
      await (await place.open()).saveSession({ ...SAVED, reservedEpoch: 9 });
      expect(await (await place.open()).loadSessions()).toEqual([{ ...SAVED, reservedEpoch: 9 }]);
      await (await place.open()).saveSession(SAVED);
      expect(await (await place.open()).loadSessions()).toEqual([SAVED]);
    });

    it('replaces the session whole: what is null now is not what it was', async () => {
      const store = await place.open();
      await store.saveSession(SAVED);
      const empty: StoredSession = { ...SAVED, name: null, epoch: 8, activeSpeakerId: null, state: null, history: [] };
      await store.saveSession(empty);
      expect(await (await place.open()).loadSessions()).toEqual([empty]);
    });

    it('keeps the last of many saves asked for at once', async () => {
      const store = await place.open();
      await Promise.all(Array.from({ length: 20 }, (_, epoch) => store.saveSession({ ...SAVED, epoch })));
      expect((await (await place.open()).loadSessions()).map(({ epoch }) => epoch)).toEqual([19]);
    });

    it('keeps one session for each account, and forgets the one that it is told to', async () => {
      const store = await place.open();
      await store.saveSession(SAVED);
      await store.saveSession(OTHER);
      const next = await place.open();
      const both = await next.loadSessions();
      expect([...both].sort((a, b) => a.epoch - b.epoch)).toEqual([SAVED, OTHER]);
      await next.forgetSession(OTHER.accountId);
      await next.forgetSession(OTHER.accountId);
      expect(await (await place.open()).loadSessions()).toEqual([SAVED]);
    });

    it('gives back a context of ten thousand tracks, whoever else plays it or no longer does', async () => {
      const store = await place.open();
      await store.saveSession({ ...SAVED, state: LISTED });
      await store.saveSession({ ...OTHER, state: LISTED });
      await store.saveSession({ ...SAVED, state: STATE });
      const found = await (await place.open()).loadSessions();
      expect(found.find((it) => it.accountId === OTHER.accountId)?.state).toEqual(LISTED);
      expect(found.find((it) => it.accountId === HOUSE_ACCOUNT)?.state).toEqual(STATE);
    });

    it('remembers which commands were performed, in order, and no more than it must', async () => {
      const store = await place.open();
      for (let number = 0; number < PERFORMED_KEPT_MAX + 5; number += 1) {
        await store.savePerformed({ accountId: HOUSE_ACCOUNT, commandId: commandId(`command-${number}`) });
      }
      const kept = await (await place.open()).performedCommands();
      expect(kept).toHaveLength(PERFORMED_KEPT_MAX);
      expect(kept[0]?.commandId).toBe('command-5');
      expect(kept.at(-1)).toEqual({ accountId: HOUSE_ACCOUNT, commandId: `command-${PERFORMED_KEPT_MAX + 4}` });
    });

    it('knows each speaker once, as last saved', async () => {
      const store = await place.open();
      await store.saveSpeaker(speakerNamed('speaker-a', 'Kitchen', 1_000));
      await store.saveSpeaker(speakerNamed('speaker-b', 'Bath', 2_000));
      await store.saveSpeaker(speakerNamed('speaker-a', 'Living room', 3_000));
      const known = await (await place.open()).knownSpeakers();
      expect([...known].sort((a, b) => a.id.localeCompare(b.id))).toEqual([
        speakerNamed('speaker-a', 'Living room', 3_000),
        speakerNamed('speaker-b', 'Bath', 2_000),
      ]);
    });

    it('forgets a speaker for good, and one that it never knew without complaint', async () => {
      const store = await place.open();
      const left = speakerNamed('speaker-b', 'Bath', 2_000);
      await store.saveSpeaker(speakerNamed('speaker-a', 'Kitchen', 1_000));
      await store.saveSpeaker(left);
      for (const id of ['speaker-a', 'speaker-a', 'speaker-c']) await store.forgetSpeaker(speakerId(id));
      expect(await (await place.open()).knownSpeakers()).toEqual([left]);
    });

    it('gives copies: changing what was saved or loaded changes nothing kept', async () => {
      const store = await place.open();
      const upNext = TRACKS.slice(0, 2);
      await store.saveSession({ ...SAVED, state: { ...STATE, queue: { ...STATE.queue, upNext } } });
      upNext.push(...TRACKS.slice(5, 9));
      expect((await store.loadSessions())[0]?.state?.queue.upNext).toHaveLength(2);
    });
  });
}
