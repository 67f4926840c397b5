/**
 * What a speaker plays and how it is: snapshot, difference, and the pure function that joins them. Spec section 6.
 *
 * Two records. `session` is the account's playback, written by the active speaker alone. `speaker` is the speaker's own
 * (volume, health), written by that speaker whether it is active or not. One revision counts the changes of both.
 */
import * as z from 'zod/mini';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { errorBodySchema } from './error-body.ts';
import {
  accountIdSchema,
  counterSchema,
  framesSchema,
  type Infer,
  listIdSchema,
  msSchema,
  percentSchema,
  trackIdSchema,
  usSchema,
} from './schema.ts';

/** Tracks of one context that a session holds; of a longer context these are the first. */
export const CONTEXT_TRACKS_MAX = 10_000;
/** Tracks that a message may name one by one; a longer context travels as a list (section 6.6). */
export const QUEUE_TRACKS_MAX = 1_000;
/** Tracks that people have put in front of the context. */
export const UP_NEXT_MAX = 200;
/** Changes of the context's order that a session holds; each costs a state message some 25 bytes. */
export const EDITS_MAX = 200;
/** Characters of the name of an entry of the queue. */
const UID_LENGTH_MAX = 40;

/** What follows the last track: nothing, the first one, or, after any track, the same again. */
export const repeatModeSchema = z.enum(['off', 'context', 'track']);
export type RepeatMode = Infer<typeof repeatModeSchema>;

const positionFields = {
  trackId: trackIdSchema,
  /** What is at the loudspeaker, counted from the track's first frame. */
  positionFrames: framesSchema,
  durationFrames: framesSchema,
};

/** `stopped`: nothing loaded. `buffering`: wants to play, has nothing to play yet. */
export const playbackSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stopped') }),
  z.object({ kind: z.literal('buffering'), ...positionFields }),
  z.object({ kind: z.literal('playing'), ...positionFields }),
  z.object({ kind: z.literal('paused'), ...positionFields }),
]);
export type Playback = Infer<typeof playbackSchema>;

/** Names an entry of the queue (section 5.6). */
export const queueUidSchema = z
  .string()
  .check(z.minLength(1), z.maxLength(UID_LENGTH_MAX), z.regex(/^[0-9A-Za-z_-]+$/));

/** The context as a list of its own: which, and how long it is. */
export const listNameSchema = z.object({
  id: listIdSchema,
  count: z.int().check(z.gte(1), z.lte(CONTEXT_TRACKS_MAX)),
});
export type ListName = Infer<typeof listNameSchema>;

/** One change of the context's order, by places in `trackIds`: `place` follows `after`, or with null is not played. */
export const queueEditSchema = z.object({ place: counterSchema, after: z.nullable(counterSchema) });
export type QueueEdit = Infer<typeof queueEditSchema>;

export const queueSchema = z.object({
  /** Where the tracks came from, e.g. `tonearm:album:…`; null for a bare list. */
  contextUri: z.nullable(z.string().check(z.maxLength(200))),
  /** The context in its own order, shuffled or not. On a wire empty where `list` says which they are. */
  trackIds: z.array(trackIdSchema).check(z.maxLength(QUEUE_TRACKS_MAX)),
  /** Absent where the tracks are named one by one. */
  list: z.optional(listNameSchema),
  /** People's changes of the playing order, oldest first; absent: none. */
  edits: z.optional(z.array(queueEditSchema).check(z.maxLength(EDITS_MAX))),
  /** Place in `trackIds` of the context's current track. */
  index: counterSchema,
  /** Put in by people; played before the context goes on. */
  upNext: z.array(trackIdSchema).check(z.maxLength(UP_NEXT_MAX)),
  /** The names of the entries of `upNext`, one each, in the same order; absent from who knows of none. */
  upNextUids: z.optional(z.array(queueUidSchema).check(z.maxLength(UP_NEXT_MAX))),
  /** The track from `upNext` that plays now in the context's stead, if one does. */
  interlude: z.nullable(trackIdSchema),
});
export type PlayQueue = Infer<typeof queueSchema>;

export const sessionStateSchema = z.object({
  /** Whose session it is; absent: the house's one account. */
  accountId: z.optional(accountIdSchema),
  playback: playbackSchema,
  queue: queueSchema,
  /** Null when off; else the seed that fixes the permutation, so that every phone can show the same order. */
  shuffleSeed: z.nullable(z.int().check(z.nonnegative(), z.lte(0xffffffff))),
  repeat: repeatModeSchema,
  /** Why the last track that could not be played was not; null after one that could. */
  problem: z.nullable(z.object({ trackId: z.nullable(trackIdSchema), error: errorBodySchema })),
});
export type SessionState = Infer<typeof sessionStateSchema>;

export const speakerStatusSchema = z.object({
  volume: percentSchema,
  /** Where sound goes, e.g. `alsa:default`, `virtual`. */
  output: z.string().check(z.maxLength(120)),
  /** Why there is no sound although there should be; null when all is well. */
  outputProblem: z.nullable(errorBodySchema),
  bufferedMs: msSchema,
  underruns: counterSchema,
  /** Of what it plays, kbit/s; null: nothing is read. Absent: it does not say. */
  qualityKbps: z.optional(z.nullable(z.number().check(z.nonnegative()))),
});
export type SpeakerStatus = Infer<typeof speakerStatusSchema>;

const stateHeader = {
  /** Epoch of the session this speaker believes in. */
  epoch: counterSchema,
  revision: counterSchema,
  /** How long before it was sent the position was true; the receiver subtracts it from the time of arrival. */
  positionAgeUs: usSchema,
  /** Present while the speaker knows the bridge's clock (7.3). */
  clock: z.optional(
    z.object({
      /** What it adds to its own clock to have the bridge's, and by how much that may be wrong. */
      offsetUs: usSchema,
      errorUs: usSchema,
      /** When the position was true, on the bridge's clock. */
      positionAtUs: usSchema,
    }),
  ),
};

export const stateSnapshotSchema = z.object({
  kind: z.literal('stateSnapshot'),
  ...stateHeader,
  /** Null on a speaker that is not the session's writer. */
  session: z.nullable(sessionStateSchema),
  speaker: speakerStatusSchema,
});
export type StateSnapshot = Infer<typeof stateSnapshotSchema>;

/** Only the fields that changed, each whole. */
export const stateDifferenceSchema = z.object({
  kind: z.literal('stateDifference'),
  ...stateHeader,
  baseRevision: counterSchema,
  session: z.optional(z.partial(sessionStateSchema)),
  speaker: z.optional(z.partial(speakerStatusSchema)),
});
export type StateDifference = Infer<typeof stateDifferenceSchema>;

/** Asks for a snapshot; sent by whoever got a difference that does not follow what it has. */
export const stateRequestSchema = z.object({ kind: z.literal('stateRequest') });
export type StateRequest = Infer<typeof stateRequestSchema>;

/**
 * @returns the state after the difference; `input.out-of-order` when it does not follow `state`, or changes a session
 *   where the snapshot had none: ask for a snapshot then
 */
export function applyStateDifference(
  state: StateSnapshot,
  difference: StateDifference,
): Result<StateSnapshot, TonearmError> {
  if (difference.baseRevision !== state.revision || difference.epoch !== state.epoch) {
    return refused(
      new TonearmError(
        'input.out-of-order',
        `difference from ${difference.epoch}/${difference.baseRevision} does not follow ${state.epoch}/${state.revision}`,
        {
          field: 'baseRevision',
        },
      ),
    );
  }
  if (difference.session !== undefined && state.session === null) {
    return refused(
      new TonearmError('input.out-of-order', 'difference of a session where there is none', { field: 'session' }),
    );
  }
  return ok({
    kind: 'stateSnapshot',
    epoch: difference.epoch,
    revision: difference.revision,
    positionAgeUs: difference.positionAgeUs,
    ...(difference.clock === undefined ? {} : { clock: difference.clock }),
    session: changed(state.session, difference.session),
    speaker: changed(state.speaker, difference.speaker),
  });
}

/** What did not change stays the same object, so that whoever compares need not look inside. */
function changed<T extends object | null>(before: T, changes: { [K in keyof T]?: T[K] | undefined } | undefined): T {
  if (before === null || changes === undefined) return before;
  return withoutUndefined<T & object>({ ...before, ...changes });
}

/** JSON has no undefined, so a parsed difference has none either; this only tells the compiler so. */
function withoutUndefined<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return value as T;
}

/** @returns the top-level fields in which the two differ, compared as JSON; undefined when none does */
export function changedFields<T extends object>(before: T, after: T): Partial<T> | undefined {
  const changes: Partial<T> = {};
  let isChanged = false;
  for (const key of Object.keys(after) as (keyof T)[]) {
    if (before[key] === after[key] || JSON.stringify(before[key]) === JSON.stringify(after[key])) continue;
    changes[key] = after[key];
    isChanged = true;
  }
  return isChanged ? changes : undefined;
}
