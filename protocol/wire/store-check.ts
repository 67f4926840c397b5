/** How far a check of what is stored is, and what it found. Spec section 8.10. */
import * as z from 'zod/mini';
import { errorBodySchema } from './error-body.ts';
import { counterSchema, fileIdSchema, type Infer } from './schema.ts';

/** Problems that a view names; the newest are kept, all are counted. */
export const STORE_PROBLEMS_SHOWN_MAX = 200;

/** What can be wrong with something stored; `unreadable` is of the store, `orphan` of what no track has. */
export const storeProblemKindSchema = z.enum([
  'missing',
  'wrong-length',
  'broken-seal',
  'wrong-content',
  'wrong-head',
  'orphan',
  'unreadable',
]);
export type StoreProblemKind = Infer<typeof storeProblemKindSchema>;

export const storeProblemSchema = z.object({
  kind: storeProblemKindSchema,
  fileId: fileIdSchema,
  /** The music file that it was encoded from; null when none is known. */
  source: z.nullable(z.string().check(z.maxLength(4_096))),
  error: errorBodySchema,
  /** It is gone, or put right, or is being encoded anew. */
  isRepaired: z.boolean(),
});
export type StoreProblem = Infer<typeof storeProblemSchema>;

export const storeCheckViewSchema = z.object({
  isRunning: z.boolean(),
  isRepairing: z.boolean(),
  /** Stored files to look at; of an earlier check when none is running. */
  total: counterSchema,
  checked: counterSchema,
  found: counterSchema,
  repaired: counterSchema,
  problems: z.array(storeProblemSchema).check(z.maxLength(STORE_PROBLEMS_SHOWN_MAX)),
  /** Why it ended before the end; null when it did not. */
  failure: z.nullable(errorBodySchema),
});
export type StoreCheckView = Infer<typeof storeCheckViewSchema>;
