/** What the player's routes take, for the doors that check it and for the description that clients read. */
import * as z from 'zod/mini';
import { QUEUE_TRACKS_MAX } from '#protocol/wire/playback-state';
import { msSchema, percentSchema, speakerIdSchema } from '#protocol/wire/schema';
import { WEB_API_ITEMS_DEFAULT, WEB_API_ITEMS_MAX } from './http-limits.ts';
import { booleanTextSchema, deviceIdSchema, digitsSchema } from './request-parts.ts';

/** A day: longer than any track. */
const POSITION_MS_MAX = 86_400_000;
const URI_LENGTH_MAX = 200;

const uriSchema = z.string().check(z.maxLength(URI_LENGTH_MAX));
export const deviceQuery = z.object({ device_id: deviceIdSchema });
export const seekQuery = z.object({ device_id: deviceIdSchema, position_ms: digitsSchema(0, POSITION_MS_MAX) });
export const repeatQuery = z.object({ device_id: deviceIdSchema, state: z.enum(['off', 'context', 'track']) });
export const shuffleQuery = z.object({ device_id: deviceIdSchema, state: booleanTextSchema });
export const volumeQuery = z.object({
  device_id: deviceIdSchema,
  volume_percent: z.pipe(digitsSchema(0, 100), percentSchema),
});
export const enqueueQuery = z.object({ device_id: deviceIdSchema, uri: uriSchema });

export const transferBody = z.object({
  device_ids: z.array(speakerIdSchema).check(z.minLength(1), z.maxLength(1)),
  play: z.optional(z.nullable(z.boolean())),
});
const positionSchema = z.optional(z.nullable(msSchema.check(z.lte(POSITION_MS_MAX))));
export const playBody = z.object({
  context_uri: z.optional(z.nullable(uriSchema)),
  uris: z.optional(z.nullable(z.array(uriSchema).check(z.minLength(1), z.maxLength(QUEUE_TRACKS_MAX)))),
  offset: z.optional(
    z.nullable(
      z.object({
        position: z.optional(z.int().check(z.nonnegative())),
        uri: z.optional(uriSchema),
      }),
    ),
  ),
  // Written both ways by clients in use.
  position_ms: positionSchema,
  positionMs: positionSchema,
});

/** Milliseconds since 1970, up to the year 5138: a number that is a date and not a mistake. */
const INSTANT_MS_MAX = 99_999_999_999_999;

export const historyQuery = z.object({
  limit: z._default(digitsSchema(1, WEB_API_ITEMS_MAX), WEB_API_ITEMS_DEFAULT),
  before: z.optional(digitsSchema(0, INSTANT_MS_MAX)),
  after: z.optional(digitsSchema(0, INSTANT_MS_MAX)),
});
