/** An error on a wire. Spec section 9. */
import * as z from 'zod/mini';
import { ERROR_CODES, type ErrorCode } from '#protocol/vocabulary/errors';
import { type Infer, textSchema } from './schema.ts';

/** An error as it is sent: a code of the closed list, and words for people. */
export const errorBodySchema = z.object({
  code: z.enum(ERROR_CODES as [ErrorCode, ...ErrorCode[]]),
  message: textSchema,
  field: z.optional(z.string().check(z.maxLength(200))),
});
export type WireError = Infer<typeof errorBodySchema>;
