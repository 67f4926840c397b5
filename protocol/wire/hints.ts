/** What phones show, so that a speaker can have its beginning before anybody asks for it. Spec section 5.5. */
import * as z from 'zod/mini';
import { type Infer, trackIdSchema } from './schema.ts';

/** Tracks of one message: what fits on a screen. */
export const HINTED_TRACKS_MAX = 20;

/** Replaces the hints before it; an empty list says that nothing is shown any more. To a speaker with `takesHints` only. */
export const hintsSchema = z.object({
  kind: z.literal('hints'),
  /** The likeliest first. */
  trackIds: z.array(trackIdSchema).check(z.maxLength(HINTED_TRACKS_MAX)),
});
export type Hints = Infer<typeof hintsSchema>;
