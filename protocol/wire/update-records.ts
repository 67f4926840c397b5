/**
 * What a speaker and a bridge keep of updates, each for itself. They do not travel, and are checked when they are read, as
 * what travels is: a disk may give back anything.
 */
import * as z from 'zod/mini';
import { counterSchema, type Infer, percentSchema, speakerIdSchema } from './schema.ts';
import { sha256Schema, updateReportSchema, updateRootSchema, versionSchema } from './update.ts';

/** Speakers whose last word a bridge keeps; more are not in one house. */
export const SPEAKERS_KEPT_MAX = 20_000;
/** Versions of which a bridge keeps to whom they go. */
export const ROLLOUTS_KEPT_MAX = 50;

export const trustedStateSchema = z.object({
  format: z.literal(1),
  root: updateRootSchema,
  /** Of all manifests that were verified; nothing below it is taken. */
  highestSeq: counterSchema,
  /** Milliseconds since 1970: the latest signed time; a clock that shows less is wrong. */
  floorMs: counterSchema,
  /** The version that was switched to last, until it is known what came of it. */
  trial: z.nullable(
    z.object({
      version: versionSchema,
      seq: counterSchema,
      sha256: sha256Schema,
      /** Whether the version before it was heard, and had its bridge. */
      hadSink: z.boolean(),
      hadBridge: z.boolean(),
    }),
  ),
  /** Fetches of one artifact that failed, so that a start does not begin to count anew. */
  failures: z.object({ sha256: z.string(), count: counterSchema }),
});
/** What a speaker must not forget of updates. */
export type TrustedState = Infer<typeof trustedStateSchema>;

const rolloutSchema = z.object({
  version: versionSchema,
  percent: percentSchema,
  /** Null while it goes on. */
  halted: z.nullable(z.enum(['by-hand', 'too-many-failures'])),
});
/** To how many of a hundred speakers a version goes. */
export type Rollout = Infer<typeof rolloutSchema>;

const wordSchema = z.object({ speakerId: speakerIdSchema, atMs: counterSchema, report: updateReportSchema });
/** The last that a speaker has said of updates, and when. */
export type SpeakerWord = Infer<typeof wordSchema>;

/** The newest last, in both lists. */
export const rolloutRecordSchema = z.object({
  format: z.literal(1),
  rollouts: z.array(rolloutSchema).check(z.maxLength(ROLLOUTS_KEPT_MAX)),
  words: z.array(wordSchema).check(z.maxLength(SPEAKERS_KEPT_MAX)),
});
/** How releases go, as a bridge keeps it. */
export type RolloutRecord = Infer<typeof rolloutRecordSchema>;
