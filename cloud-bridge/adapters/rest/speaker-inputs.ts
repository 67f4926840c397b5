/** What the routes of paired speakers take and answer. */
import * as z from 'zod/mini';
import { accountId, ID_PATTERNS } from '#protocol/vocabulary/ids';
import { nameSchema, publicKeySchema, speakerIdSchema } from '#protocol/wire/schema';

const ownerSchema = z.string().check(z.regex(ID_PATTERNS.token));

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
export const pairedSpeakersView = z.object({ items: z.array(pairedSpeakerView) });
