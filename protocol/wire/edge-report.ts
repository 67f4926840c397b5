/** How the edges did, as one speaker saw it: what the bridge orders edges by. Spec section 8.9. */
import * as z from 'zod/mini';
import { EDGES_MAX, edgeUrlSchema } from './manifest.ts';
import { counterSchema, type Infer, msSchema, speakerIdSchema } from './schema.ts';

export const edgeReportSchema = z.object({
  speakerId: speakerIdSchema,
  edges: z
    .array(
      z.object({
        url: edgeUrlSchema,
        /** Requests and failures since the last report. */
        requests: counterSchema,
        failures: counterSchema,
        /** Median time to the first byte of those that succeeded; null when none did. */
        firstByteMs: z.nullable(msSchema),
        /** Bytes per second of body of those that succeeded; null when none did. */
        bytesPerSecond: z.nullable(z.number().check(z.nonnegative())),
      }),
    )
    .check(z.maxLength(EDGES_MAX)),
});
export type EdgeReport = Infer<typeof edgeReportSchema>;
