/** Asks the bridge for what somebody typed: an address is taken as it is, words are searched. */
import type { RestClient } from '../bridge/rest-client.ts';
import { chooseMusic, MUSIC_KINDS, type Music, type MusicKind, musicOfUri, nothingFound } from './choose-music.ts';

/** Enough for the best match to be among them. */
const SEARCH_LIMIT = 20;

/** @param kind what the words name; undefined: whatever fits best */
export async function findMusic(
  bridge: Pick<RestClient, 'search'>,
  words: string,
  kind: MusicKind | undefined,
): Promise<Music> {
  const byUri = musicOfUri(words);
  if (byUri !== null) return byUri;
  const found = await bridge.search(words, SEARCH_LIMIT);
  const music = chooseMusic(found, words, kind === undefined ? MUSIC_KINDS : [kind]);
  if (music === null) throw nothingFound(words);
  return music;
}
