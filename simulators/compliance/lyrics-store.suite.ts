/** What every store of lyrics must keep to: the contract of `cloud-bridge/core/ports/lyrics.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Lyrics, LyricsReader, LyricsWriter } from '#bridge/core/ports/lyrics';
import type { TrackId } from '#protocol/vocabulary/ids';
import { trackId } from '#protocol/vocabulary/ids';

export interface LyricsPlace {
  /** A store as the next process would open it, over the same place. The earlier one is closed or was killed. */
  open(): Promise<LyricsReader & LyricsWriter>;
  /** A track that the catalogue has from now on. */
  addTrack(name: string): Promise<TrackId>;
  stop(): Promise<void>;
}

const NOBODY = trackId('0'.repeat(22));
const TIMED: Lyrics = {
  kind: 'timed',
  lines: [
    { startMs: 0, text: '' },
    { startMs: 1_250, text: 'Für “dich” — 你好' },
    { startMs: 86_399_999, text: 'last' },
  ],
};
const PLAIN: Lyrics = { kind: 'plain', lines: ['La', '', 'Lo'] };

export function describeLyricsStore(name: string, create: () => Promise<LyricsPlace>): void {
  describe(`lyrics: ${name}`, () => {
    let place: LyricsPlace;
    beforeEach(async () => {
      place = await create();
    });
    afterEach(() => place.stop());

    it('gives back what was put, of either kind, to the next process too', async () => {
      const store = await place.open();
      const [one, other] = [await place.addTrack('one'), await place.addTrack('other')];
      await store.putLyrics(one, TIMED);
      await store.putLyrics(other, PLAIN);
      const next = await place.open();
      expect(await next.lyrics(one)).toEqual({ ok: true, value: TIMED });
      expect(await next.lyrics(other)).toEqual({ ok: true, value: PLAIN });
    });

    it('keeps the latest, and nothing once there are none', async () => {
      const store = await place.open();
      const track = await place.addTrack('one');
      await store.putLyrics(track, PLAIN);
      await store.putLyrics(track, TIMED);
      expect(await store.lyrics(track)).toEqual({ ok: true, value: TIMED });
      await store.putLyrics(track, null);
      await store.putLyrics(track, null);
      expect((await store.lyrics(track)).ok).toBe(false);
    });

    it('tells a track without lyrics from one that is not there', async () => {
      const store = await place.open();
      const track = await place.addTrack('one');
      expect(await store.lyrics(track)).toMatchObject({
        ok: false,
        error: { code: 'catalogue.not-found', message: expect.stringContaining('has no lyrics') },
      });
      expect(await store.lyrics(NOBODY)).toMatchObject({
        ok: false,
        error: { code: 'catalogue.not-found', message: expect.stringContaining('no track') },
      });
    });
  });
}
