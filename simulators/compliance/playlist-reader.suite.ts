/** What every reader of playlists must do, whoever keeps them. */
import { afterEach, describe, expect, it } from 'vitest';
import type { PlaylistReader } from '#bridge/core/ports/playlists';
import { playlistId, type TrackId, trackId } from '#protocol/vocabulary/ids';

export interface PlaylistRoom {
  readonly reader: PlaylistReader;
  close(): Promise<void>;
}

/** Track n of the room's library. */
export function suiteTrack(n: number): TrackId {
  return trackId(String(n).padStart(22, '0'));
}

/** @param open a room with two lists: "Evening" of tracks 2, 1, 2, and "Morning" of none */
export function playlistReaderSuite(name: string, open: () => Promise<PlaylistRoom>): void {
  describe(`${name} as a reader of playlists`, () => {
    let room: PlaylistRoom | null = null;
    afterEach(async () => {
      await room?.close();
      room = null;
    });

    it('has them by name, with their tracks in order, twice where they are', async () => {
      room = await open();
      const lists = await room.reader.playlists();
      expect(lists.map((list) => [list.name, list.trackIds])).toEqual([
        ['Evening', [2, 1, 2].map(suiteTrack)],
        ['Morning', []],
      ]);
    });

    it('finds each by its id, which stays', async () => {
      room = await open();
      for (const list of await room.reader.playlists()) {
        expect(await room.reader.playlist(list.id)).toEqual({ ok: true, value: list });
      }
    });

    it('refuses what is not there', async () => {
      room = await open();
      const absent = await room.reader.playlist(playlistId('9'.repeat(22)));
      expect(absent).toMatchObject({ ok: false, error: { code: 'catalogue.not-found' } });
    });
  });
}
