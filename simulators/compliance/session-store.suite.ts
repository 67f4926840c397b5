/** What every session store must keep to: the contract of `cloud-bridge/core/ports/session-store.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KnownSpeaker, SessionStore, StoredSession } from '#bridge/core/ports/session-store';
import { speakerId, trackId } from '#protocol/vocabulary/ids';
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
const SAVED: StoredSession = { epoch: 7, activeSpeakerId: KITCHEN, state: STATE };

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

    it('begins with no session, epoch 0 and no speakers', async () => {
      const store = await place.open();
      expect(await store.loadSession()).toEqual({ epoch: 0, activeSpeakerId: null, state: null });
      expect(await store.knownSpeakers()).toEqual([]);
    });

    it('gives back a whole session to the next process', async () => {
      await (await place.open()).saveSession(SAVED);
      expect(await (await place.open()).loadSession()).toEqual(SAVED);
    });

    it('keeps the epoch that was given away last, also where it made nobody the writer', async () => {
      await (await place.open()).saveSession({ ...SAVED, reservedEpoch: 9 });
      expect(await (await place.open()).loadSession()).toEqual({ ...SAVED, reservedEpoch: 9 });
      await (await place.open()).saveSession(SAVED);
      expect(await (await place.open()).loadSession()).toEqual(SAVED);
    });

    it('replaces the session whole: what is null now is not what it was', async () => {
      const store = await place.open();
      await store.saveSession(SAVED);
      const empty: StoredSession = { epoch: 8, activeSpeakerId: null, state: null };
      await store.saveSession(empty);
      expect(await (await place.open()).loadSession()).toEqual(empty);
    });

    it('keeps the last of many saves asked for at once', async () => {
      const store = await place.open();
      await Promise.all(Array.from({ length: 20 }, (_, epoch) => store.saveSession({ ...SAVED, epoch })));
      expect((await (await place.open()).loadSession()).epoch).toBe(19);
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
      expect((await store.loadSession()).state?.queue.upNext).toHaveLength(2);
    });
  });
}
