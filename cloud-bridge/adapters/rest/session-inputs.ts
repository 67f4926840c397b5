/** What the session's routes take and answer, for the doors that check it and for the description that clients read. */
import * as z from 'zod/mini';
import { trackSummarySchema } from '#protocol/wire/household';
import { EDITS_MAX, queueUidSchema, UP_NEXT_MAX } from '#protocol/wire/playback-state';
import { counterSchema, trackIdSchema } from '#protocol/wire/schema';
import { WEB_API_ITEMS_DEFAULT, WEB_API_ITEMS_MAX } from './http-limits.ts';
import { deviceIdSchema, digitsSchema, pageSchema } from './request-parts.ts';

/** Characters of all the names in one address. */
const UIDS_LENGTH_MAX = 4_000;

export const sessionPageQuery = z.object(pageSchema(WEB_API_ITEMS_MAX, WEB_API_ITEMS_DEFAULT));
export const sessionQueueQuery = z.object({
  limit: z._default(digitsSchema(1, WEB_API_ITEMS_MAX), WEB_API_ITEMS_DEFAULT),
});
export const sessionDeviceQuery = z.object({ device_id: deviceIdSchema });
export const queueAddBody = z.object({
  trackIds: z.array(trackIdSchema).check(z.minLength(1), z.maxLength(UP_NEXT_MAX)),
  /** In front of what waits, not behind it. */
  isNext: z.optional(z.boolean()),
});
export const queueMoveBody = z.object({ uid: queueUidSchema, after: z.nullable(queueUidSchema) });
/** Names with commas between them; without any, all that people have put in is taken out. */
export const queueRemoveQuery = z.object({
  device_id: deviceIdSchema,
  uids: z.optional(z.string().check(z.minLength(1), z.maxLength(UIDS_LENGTH_MAX))),
});
export const uidsSchema = z.array(queueUidSchema).check(z.minLength(1), z.maxLength(EDITS_MAX));

const entrySchema = z.object({ uid: z.string(), track: trackSummarySchema });
export const sessionTracksAnswer = z.object({
  items: z.array(entrySchema),
  offset: counterSchema,
  limit: counterSchema,
  total: counterSchema,
  /** Place of the context's current track. */
  index: counterSchema,
});
export const sessionQueueAnswer = z.object({
  current: z.nullable(trackSummarySchema),
  items: z.array(entrySchema),
});
