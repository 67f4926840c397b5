/**
 * The tracks of a context, told once in parts and named by id from then on, so that a state message of a session of ten
 * thousand tracks is as long as one of ten. Spec section 6.6.
 */
import * as z from 'zod/mini';
import { CONTEXT_TRACKS_MAX } from './playback-state.ts';
import { counterSchema, type Infer, listIdSchema, trackIdSchema } from './schema.ts';

/** Tracks of one part: 25 kB, well within a message. */
export const LIST_PART_TRACKS_MAX = 1_000;

/** One part of a list; parts come in order, without a gap, from offset 0. */
export const trackListSchema = z.object({
  kind: z.literal('trackList'),
  listId: listIdSchema,
  offset: counterSchema,
  /** Tracks of the whole list. */
  total: z.int().check(z.gte(1), z.lte(CONTEXT_TRACKS_MAX)),
  trackIds: z.array(trackIdSchema).check(z.minLength(1), z.maxLength(LIST_PART_TRACKS_MAX)),
});
export type TrackList = Infer<typeof trackListSchema>;

/** Asks for a list whose id a state named; answered with its parts, or not at all by who does not have it. */
export const listRequestSchema = z.object({ kind: z.literal('listRequest'), listId: listIdSchema });
export type ListRequest = Infer<typeof listRequestSchema>;
