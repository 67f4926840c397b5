/** What our own routes take, for the doors that check it and for the description that clients read. */
import * as z from 'zod/mini';
import { LIST_SORTS, PAGE_ITEMS_MAX } from '#bridge/core/ports/catalogue';
import { AVAILABILITY_COUNTRIES_MAX } from '#bridge/core/services/catalogue/availability';
import { HINTED_TRACKS_MAX } from '#protocol/wire/hints';
import { albumIdSchema, trackIdSchema } from '#protocol/wire/schema';
import { FOLDER_LENGTH_MAX, SEARCH_LENGTH_MAX } from './http-limits.ts';
import { digitsSchema, pageSchema } from './request-parts.ts';

export const ingestBody = z.object({ folder: z.string().check(z.minLength(1), z.maxLength(FOLDER_LENGTH_MAX)) });
export const showingBody = z.object({ trackIds: z.array(trackIdSchema).check(z.maxLength(HINTED_TRACKS_MAX)) });
export const changesQuery = z.object({ after: z._default(digitsSchema(0, Number.MAX_SAFE_INTEGER), 0) });
export const artParams = z.object({ key: z.string().check(z.regex(/^[0-9A-Za-z_-]{1,128}$/)) });
const pageFields = pageSchema(PAGE_ITEMS_MAX, PAGE_ITEMS_MAX);
export const libraryPageQuery = z.object(pageFields);
export const listQuery = z.object({
  ...pageFields,
  sort: z._default(z.enum([...LIST_SORTS]), 'artist'),
  genre: z.optional(z.string().check(z.minLength(1), z.maxLength(SEARCH_LENGTH_MAX))),
});
export const libraryTrackParams = z.object({ id: trackIdSchema });
export const libraryAlbumParams = z.object({ id: albumIdSchema });
/** RFC 3339, or its day alone: then the day's start in UTC. */
const instantSchema = z.string().check(
  z.regex(/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2}))?$/),
  z.refine((text) => Number.isFinite(Date.parse(text)), { error: 'no such moment' }),
);
export const availabilityBody = z.object({
  countries: z._default(
    z.nullable(z.array(z.string().check(z.regex(/^[A-Z]{2}$/))).check(z.maxLength(AVAILABILITY_COUNTRIES_MAX))),
    null,
  ),
  from: z._default(z.nullable(instantSchema), null),
  until: z._default(z.nullable(instantSchema), null),
});

export const checkBody = z.object({ repair: z.optional(z.boolean()) });
