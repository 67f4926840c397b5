/** What the catalogue's routes take, for the doors that check it and for the description that clients read. */
import * as z from 'zod/mini';
import { ID_PATTERNS } from '#protocol/vocabulary/ids';
import { albumIdSchema, artistIdSchema, playlistIdSchema, trackIdSchema } from '#protocol/wire/schema';
import {
  SEARCH_LENGTH_MAX,
  WEB_API_ITEMS_DEFAULT,
  WEB_API_ITEMS_MAX,
  WEB_API_PLAYLIST_ITEMS_MAX,
} from './http-limits.ts';
import { pageSchema } from './request-parts.ts';

const pageFields = pageSchema(WEB_API_ITEMS_MAX, WEB_API_ITEMS_DEFAULT);
export const pageQuery = z.object(pageFields);
const SEARCH_KINDS = ['track', 'album', 'artist', 'playlist'] as const;
const SEARCH_KINDS_DEFAULT = 'track,album,artist';
/** Kinds that clients ask for in one breath with ours, and that there are none of here. */
const SEARCH_KINDS_ABSENT: readonly string[] = ['show', 'episode', 'audiobook'];

export const searchQuery = z.object({
  ...pageFields,
  q: z.string().check(z.minLength(1), z.maxLength(SEARCH_LENGTH_MAX)),
  type: z._default(
    z.string().check(
      z.refine((text) => text.split(',').every((kind) => isSearchKind(kind) || SEARCH_KINDS_ABSENT.includes(kind)), {
        error: `expected some of ${SEARCH_KINDS.join(',')}`,
      }),
    ),
    SEARCH_KINDS_DEFAULT,
  ),
});

export const trackParams = z.object({ id: trackIdSchema });
export const albumParams = z.object({ id: albumIdSchema });
export const artistParams = z.object({ id: artistIdSchema });
export const idsQuery = z.object({
  ids: z.string().check(
    z.refine((text) => idsIn(text).length <= WEB_API_ITEMS_MAX, { error: `more than ${WEB_API_ITEMS_MAX} ids` }),
    z.refine((text) => idsIn(text).every((id) => ID_PATTERNS.base62.test(id)), { error: 'not a list of ids' }),
  ),
});

/** Of a list with commas; empty ones do not count. */
export function idsIn(text: string): string[] {
  return text.split(',').filter((id) => id !== '');
}

/** Whether there is any of this kind here. */
export function isSearchKind(text: string): text is (typeof SEARCH_KINDS)[number] {
  return (SEARCH_KINDS as readonly string[]).includes(text);
}

/** Anything that has an address, of whatever kind: what there is none of here is simply not in the library. */
const ANY_URI = /^[a-z][a-z0-9+.-]{0,31}:[a-z]{1,20}:[0-9A-Za-z]{22}$/;
export const urisQuery = z.object({
  uris: z.string().check(
    z.refine((text) => idsIn(text).length <= WEB_API_ITEMS_MAX, { error: `more than ${WEB_API_ITEMS_MAX} uris` }),
    z.refine((text) => idsIn(text).every((uri) => ANY_URI.test(uri)), { error: 'not a list of uris' }),
  ),
});
export const playlistParams = z.object({ id: playlistIdSchema });
export const playlistQuery = z.object(pageSchema(WEB_API_PLAYLIST_ITEMS_MAX, WEB_API_PLAYLIST_ITEMS_MAX));
