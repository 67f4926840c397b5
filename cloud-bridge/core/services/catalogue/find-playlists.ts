/** Playlists by words of their names. There are few, so nothing is kept to find them by. Pure. */
import type { Playlist } from '../../ports/playlists.ts';

/** Those in whose name every word is, wherever in it; accents and case do not matter. */
export function findPlaylists(playlists: readonly Playlist[], query: string): readonly Playlist[] {
  const words = folded(query)
    .split(/\s+/)
    .filter((word) => word !== '');
  return playlists.filter(({ name }) => words.every((word) => folded(name).includes(word)));
}

function folded(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
}
