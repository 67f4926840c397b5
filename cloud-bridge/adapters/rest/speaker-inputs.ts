/** What the routes of paired speakers take and answer. */
import * as z from 'zod/mini';
import { PAIRED_PAGE_MAX } from '#bridge/core/ports/paired-speakers';
import { accountId, ID_PATTERNS } from '#protocol/vocabulary/ids';
import { nameSchema, publicKeySchema, speakerIdSchema } from '#protocol/wire/schema';
import { pageSchema } from './request-parts.ts';

const ownerSchema = z.string().check(z.regex(ID_PATTERNS.token));

/** Without either it is the first thousand, which is all of most houses. */
export const speakersQuery = z.object(pageSchema(PAIRED_PAGE_MAX, PAIRED_PAGE_MAX));
export const speakerParams = z.object({ id: speakerIdSchema });
export const changeSpeakerBody = z
  .object({
    name: z.optional(nameSchema),
    /** The person whose it is from now on. */
    ownerId: z.optional(z.pipe(ownerSchema, z.transform(accountId))),
  })
  .check(z.refine(({ name, ownerId }) => name !== undefined || ownerId !== undefined, 'expected name or ownerId'));

export const pairedSpeakerView = z.object({
  id: speakerIdSchema,
  name: nameSchema,
  ownerId: ownerSchema,
  publicKey: publicKeySchema,
  pairedAtMs: z.int(),
});
export const pairedSpeakersView = z.object({
  items: z.array(pairedSpeakerView),
  total: z.int(),
  offset: z.int(),
  limit: z.int(),
});
