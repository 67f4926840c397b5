/** What phones are told: the whole household once, then what changed. Spec section 10. */
import * as z from 'zod/mini';
import { errorBodySchema } from './error-body.ts';
import { queueUidSchema, repeatModeSchema, speakerStatusSchema } from './playback-state.ts';
import {
  accountIdSchema,
  counterSchema,
  type Infer,
  msSchema,
  nameSchema,
  speakerIdSchema,
  trackIdSchema,
} from './schema.ts';

export const trackSummarySchema = z.object({
  id: trackIdSchema,
  uri: z.string(),
  title: z.string(),
  artists: z.array(z.string()),
  album: z.string(),
  albumUri: z.string(),
  durationMs: msSchema,
  /** Path at the bridge; null without art. */
  artPath: z.nullable(z.string()),
});
export type TrackSummary = Infer<typeof trackSummarySchema>;

export const speakerViewSchema = z.object({
  id: speakerIdSchema,
  name: nameSchema,
  model: nameSchema,
  version: nameSchema,
  isOnline: z.boolean(),
  /** The session of who looks is here. */
  isActive: z.boolean(),
  /** Whose session it plays; null: nobody's; absent from who does not tell. */
  account: z.optional(z.nullable(z.object({ id: accountIdSchema, name: z.nullable(nameSchema) }))),
  /** Null until the speaker has reported once. */
  status: z.nullable(speakerStatusSchema),
  /** What its clock has to gain to be the bridge's, and by how much that may be wrong; absent while nobody knows. */
  clock: z.optional(z.object({ offsetMs: z.number(), errorMs: z.number() })),
  /** Two machines have its key, and take each other's place (4.10); absent: no. */
  isDoubled: z.optional(z.boolean()),
});
export type SpeakerView = Infer<typeof speakerViewSchema>;

export const sessionViewSchema = z.object({
  activeSpeakerId: z.nullable(speakerIdSchema),
  epoch: counterSchema,
  playback: z.enum(['stopped', 'buffering', 'playing', 'paused']),
  track: z.nullable(trackSummarySchema),
  /** Position when this view was made; add the time since, while `playing`. */
  positionMs: msSchema,
  contextUri: z.nullable(z.string()),
  /** What comes after the current track, nearest first; at most `NEXT_SHOWN_MAX`. */
  next: z.array(trackSummarySchema),
  /** The names of the entries in `next`, in the same order, for the commands that change the queue. */
  nextUids: z.optional(z.array(queueUidSchema)),
  /** Tracks of the context. */
  contextCount: z.optional(counterSchema),
  isShuffled: z.boolean(),
  repeat: repeatModeSchema,
  problem: z.nullable(errorBodySchema),
});
export type SessionView = Infer<typeof sessionViewSchema>;
/** Tracks of the queue that a view shows: more than a phone has room for, and little enough to send at every change. */
export const NEXT_SHOWN_MAX = 20;

export const ingestViewSchema = z.object({
  isRunning: z.boolean(),
  folder: z.nullable(z.string()),
  found: counterSchema,
  done: counterSchema,
  failed: counterSchema,
  /** The newest failures, at most `INGEST_FAILURES_SHOWN_MAX`. */
  failures: z.array(z.object({ path: z.string(), error: errorBodySchema })),
});
export type IngestView = Infer<typeof ingestViewSchema>;
/** Failures that a view shows: enough to see what is wrong with a folder, and a bound for one where everything is. */
export const INGEST_FAILURES_SHOWN_MAX = 50;

const instantFields = {
  /**
   * When it was made, on a clock of the bridge that never jumps and of which only differences mean anything: so that a phone
   * can tell how late an event is (10.3). Absent: an older bridge, which does not say.
   */
  atMs: z.optional(msSchema),
};

/** Everything a phone shows. The first event on its socket. */
export const householdSnapshotSchema = z.object({
  kind: z.literal('householdSnapshot'),
  revision: counterSchema,
  ...instantFields,
  bridge: z.object({
    name: nameSchema,
    version: nameSchema,
    /** Whether requests are taken on this socket (10.4); absent: over HTTP alone. */
    takesRequests: z.optional(z.boolean()),
    /** Whether heartbeats are answered on this socket (10.6); absent: they end it. */
    answersHeartbeats: z.optional(z.boolean()),
  }),
  speakers: z.array(speakerViewSchema),
  session: sessionViewSchema,
  ingest: ingestViewSchema,
});
export type HouseholdSnapshot = Infer<typeof householdSnapshotSchema>;

/** Only the parts that changed, each whole. */
export const householdDifferenceSchema = z.object({
  kind: z.literal('householdDifference'),
  baseRevision: counterSchema,
  revision: counterSchema,
  ...instantFields,
  speakers: z.optional(z.array(speakerViewSchema)),
  session: z.optional(sessionViewSchema),
  ingest: z.optional(ingestViewSchema),
});
export type HouseholdDifference = Infer<typeof householdDifferenceSchema>;

/** One event to a phone. Where a difference does not follow the revision it has, it connects again and gets a snapshot. */
export const householdEventSchema = z.discriminatedUnion('kind', [householdSnapshotSchema, householdDifferenceSchema]);
export type HouseholdEvent = Infer<typeof householdEventSchema>;
