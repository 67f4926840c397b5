/** Playlists in memory: the twin of those in files, for a library that is said in advance. */
import type { Playlist, PlaylistReader } from '#bridge/core/ports/playlists';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, refused } from '#protocol/vocabulary/result';

export function createMemoryPlaylists(playlists: readonly Playlist[]): PlaylistReader {
  const inOrder = [...playlists].sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  return {
    playlists: async () => inOrder,
    playlist: async (id) => {
      const found = inOrder.find((it) => it.id === id);
      return found === undefined
        ? refused(new TonearmError('catalogue.not-found', 'there is no such playlist'))
        : ok(found);
    },
  };
}
