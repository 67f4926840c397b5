/** From what somebody typed to one thing that can be played: an address as it is, words by the best match. */
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SearchAnswer } from '../bridge/web-api-wire.ts';
import { CommandFailure } from '../command-failure.ts';
import { plainName } from './match-name.ts';

export type MusicKind = 'track' | 'album' | 'artist';
export const MUSIC_KINDS: readonly MusicKind[] = ['track', 'album', 'artist'];

export interface Music {
  readonly kind: MusicKind | 'other';
  readonly uri: string;
  /** For people, e.g. `the album Kind of Blue by Miles Davis`. */
  readonly description: string;
}

/** `scheme:kind:id`, with any scheme word as the doors accept it, or `scheme:library`. */
const URI = /^[a-z][a-z0-9+.-]*:(track|album|artist|playlist|library)(?::[0-9A-Za-z]{1,64})?$/;

/** @returns null when the text is words, not an address */
export function musicOfUri(text: string): Music | null {
  const match = URI.exec(text.trim());
  if (match === null) return null;
  const kind = MUSIC_KINDS.find((it) => it === match[1]) ?? 'other';
  return { kind, uri: text.trim(), description: text.trim() };
}

/**
 * The best of what a search found: whose name is exactly the words, else begins with them, else holds them, else the
 * first track found (its words may stand in title, artist and album together, as in `davis so what`).
 * @param kinds which to look at; between equals the earlier kind wins
 */
export function chooseMusic(found: SearchAnswer, words: string, kinds: readonly MusicKind[]): Music | null {
  const wanted = plainName(words);
  let best: { score: number; music: Music } | null = null;
  for (const kind of kinds) {
    for (const music of musicOf(found, kind)) {
      const score = scoreOf(plainName(music.name), wanted);
      if (best === null || score > best.score) best = { score, music };
    }
  }
  return best === null ? null : best.music;
}

function scoreOf(name: string, wanted: string): number {
  if (name === wanted) return 3;
  if (name.startsWith(wanted)) return 2;
  return name.includes(wanted) ? 1 : 0;
}

function musicOf(found: SearchAnswer, kind: MusicKind): (Music & { readonly name: string })[] {
  switch (kind) {
    case 'track':
      return found.tracks.items.map((it) => ({ kind, ...it, description: `${it.name} by ${namesOf(it.artists)}` }));
    case 'album':
      return found.albums.items.map((it) => ({
        kind,
        ...it,
        description: `the album ${it.name} by ${namesOf(it.artists)}`,
      }));
    case 'artist':
      return found.artists.items.map((it) => ({ kind, ...it, description: `everything by ${it.name}` }));
  }
}

export function namesOf(artists: readonly { readonly name: string }[]): string {
  return artists.length === 0 ? 'an unknown artist' : artists.map((it) => it.name).join(', ');
}

export function nothingFound(words: string): CommandFailure {
  return new CommandFailure(new TonearmError('catalogue.not-found', `nothing found for "${words}"`), {
    nextStep: 'every word must begin a word of a title, artist or album; fewer words find more',
  });
}
