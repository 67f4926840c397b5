/** What the routes of pairing take and answer, for their handlers and for the description of the routes. */
import * as z from 'zod/mini';
import { speakerIdSchema } from '#protocol/wire/schema';

/** As a person types it: nine digits, with what stands between groups. */
const CODE_LENGTH_MAX = 40;
const ADDRESS_LENGTH_MAX = 100;

export const pairBody = z.object({
  speakerId: z.optional(speakerIdSchema),
  /** `host:port` of the speaker's own door, for one that is not found by itself. */
  address: z.optional(
    z.string().check(z.maxLength(ADDRESS_LENGTH_MAX), z.regex(/^(?:\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}$/)),
  ),
  code: z.string().check(z.maxLength(CODE_LENGTH_MAX)),
});

export const pairingLinkView = z.object({ url: z.nullable(z.string()) });

export const pairedView = z.object({ id: z.string(), name: z.string() });

export const candidatesView = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      model: z.string(),
      address: z.string(),
      pairing: z.enum(['open', 'closed', 'owned', 'unknown']),
    }),
  ),
});
