/** What every playback memory must keep to: the contract of `device/core/ports/playback-memory.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlaybackMemory, RememberedPlayback } from '#device/core/ports/playback-memory';
import type { SoundTrace, TracedSound } from '#device/core/ports/sound-trace';
import { commandId, listId, trackId } from '#protocol/vocabulary/ids';
import { frames, type Ms, ms, percent } from '#protocol/vocabulary/units';
import type { SessionState } from '#protocol/wire/playback-state';

export interface PlaybackPlace {
  /** A memory as the next process would open it, over the same place. */
  open(): PlaybackMemory;
  /** The trace of the sound, as the audio thread of a process leaves it. */
  openTrace(): SoundTrace;
  /** The machine is started anew, which is not the same as a process. */
  reboot(): void;
  /** Lets this much time pass, and what is under way be written. */
  pass(time: Ms): Promise<void>;
  stop(): Promise<void>;
}

const SESSION: SessionState = {
  playback: {
    kind: 'playing',
    trackId: trackId('b'.repeat(22)),
    positionFrames: frames(480),
    durationFrames: frames(9_000_000),
  },
  queue: {
    contextUri: 'tonearm:library',
    trackIds: ['a', 'b', 'c'].map((letter) => trackId(letter.repeat(22))),
    index: 1,
    upNext: [trackId('c'.repeat(22))],
    interlude: null,
  },
  shuffleSeed: 77,
  repeat: 'context',
  problem: null,
};
const PLAYING: RememberedPlayback = {
  epoch: 4,
  volume: percent(31),
  session: SESSION,
  generation: 6,
  resumes: 2,
  performed: [commandId('command-1'), commandId('command-2')],
};
const IDLE: RememberedPlayback = { epoch: 9, volume: percent(32), session: null, generation: 7, resumes: 0 };
const LONG = Array.from({ length: 10_000 }, (_, place) => trackId(String(place).padStart(22, '0')));
const LISTED: RememberedPlayback = {
  ...PLAYING,
  session: {
    ...SESSION,
    queue: { ...SESSION.queue, trackIds: LONG, list: { id: listId('L'.repeat(22)), count: 10_000 } },
  },
};
const MANY = 300;

/** Longer than a write takes. */
const WRITTEN: Ms = ms(150);

export function describePlaybackMemory(name: string, create: () => Promise<PlaybackPlace>): void {
  describe(`playback memory: ${name}`, () => {
    let place: PlaybackPlace;
    beforeEach(async () => {
      place = await create();
    });
    afterEach(() => place.stop());

    /** Not flushed: as it is when the process is killed. */
    const rememberAndDie = async (...remembered: readonly RememberedPlayback[]): Promise<void> => {
      const memory = place.open();
      await memory.recall();
      for (const playback of remembered) memory.remember(playback);
      await place.pass(WRITTEN);
    };

    it('has nothing at first', async () => {
      expect(await place.open().recall()).toBeNull();
    });

    it('gives the next process what was remembered, and says how long ago that was', async () => {
      await rememberAndDie(PLAYING);
      const recalled = await place.open().recall();
      expect(recalled).toMatchObject(PLAYING);
      expect(recalled?.ageMs).toBeGreaterThanOrEqual(WRITTEN / 2);
      expect(recalled?.ageMs).toBeLessThan(60_000);
    });

    it('keeps a context of ten thousand tracks that goes by its id, and the one before it no longer than it must', async () => {
      await rememberAndDie(LISTED);
      expect((await place.open().recall())?.session).toEqual(LISTED.session);
      await rememberAndDie(PLAYING);
      expect((await place.open().recall())?.session).toEqual(SESSION);
    });

    it('gives the last of many, and of many processes the last', async () => {
      await rememberAndDie(PLAYING);
      const many = Array.from({ length: MANY }, (_, epoch) => ({ ...PLAYING, epoch: epoch + 5 }));
      await rememberAndDie(...many);
      expect((await place.open().recall())?.epoch).toBe(MANY + 4);
      await rememberAndDie(IDLE);
      expect(await place.open().recall()).toMatchObject(IDLE);
    });

    it('has the last place in it, and that of an older record not', async () => {
      const memory = place.open();
      await memory.recall();
      memory.remember(PLAYING);
      await place.pass(WRITTEN);
      memory.place(frames(96_000));
      await place.pass(WRITTEN);
      memory.place(frames(4_000));
      await place.pass(WRITTEN);
      const placed = (await place.open().recall())?.session?.playback;
      expect(placed).toEqual({ ...SESSION.playback, positionFrames: 4_000 });
      await rememberAndDie(PLAYING);
      expect((await place.open().recall())?.session).toEqual(SESSION);
    });

    it('counts the age from the last place', async () => {
      const memory = place.open();
      memory.remember(PLAYING);
      await place.pass(WRITTEN);
      const before = (await place.open().recall())?.ageMs ?? 0;
      memory.place(frames(96_000));
      await place.pass(ms(WRITTEN / 3));
      const after = (await place.open().recall())?.ageMs ?? Number.POSITIVE_INFINITY;
      expect(after).toBeLessThan(before);
    });

    it('takes the place from the trace of the sound that it remembers, and from no other', async () => {
      await rememberAndDie(PLAYING);
      const trackId = SESSION.queue.trackIds[1];
      const elsewhere = SESSION.queue.trackIds[2];
      if (trackId === undefined || elsewhere === undefined) throw new Error('there are three tracks');
      const placeAfter = async (sound: TracedSound, position: number): Promise<unknown> => {
        place.openTrace().leave(sound, frames(position));
        await place.pass(WRITTEN);
        const playback = (await place.open().recall())?.session?.playback;
        return playback !== undefined && playback.kind !== 'stopped' ? playback.positionFrames : null;
      };
      // Before the newest seek, or another track: the place is where it was remembered.
      expect(await placeAfter({ generation: 5, trackId }, 777)).toBe(480);
      expect(await placeAfter({ generation: 6, trackId: elsewhere }, 777)).toBe(480);
      expect(await placeAfter({ generation: 6, trackId }, 999)).toBe(999);
      // Remembered anew since.
      await rememberAndDie(PLAYING);
      expect((await place.open().recall())?.session).toEqual(SESSION);
    });

    it('does not say how long ago it was once the machine was started anew', async () => {
      await rememberAndDie(PLAYING);
      place.reboot();
      expect(await place.open().recall()).toEqual({ ...PLAYING, ageMs: null });
    });

    it('keeps what it was told when it is flushed', async () => {
      const memory = place.open();
      memory.remember(IDLE);
      memory.remember(PLAYING);
      const flushed = memory.flush();
      await place.pass(WRITTEN);
      await flushed;
      expect(await place.open().recall()).toMatchObject(PLAYING);
    });
  });
}
