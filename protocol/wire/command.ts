/** What a phone may ask of a speaker, and the answer. Spec section 5. */
import * as z from 'zod/mini';
import { errorBodySchema } from './error-body.ts';
import {
  EDITS_MAX,
  listNameSchema,
  QUEUE_TRACKS_MAX,
  queueUidSchema,
  repeatModeSchema,
  sessionStateSchema,
  UP_NEXT_MAX,
} from './playback-state.ts';
import {
  accountIdSchema,
  commandIdSchema,
  counterSchema,
  framesSchema,
  type Infer,
  msSchema,
  percentSchema,
  trackIdSchema,
  usSchema,
} from './schema.ts';

export const commandBodySchema = z.discriminatedUnion('kind', [
  /** Replaces the queue and plays. Makes the speaker the session's writer in the command's epoch. */
  z
    .object({
      kind: z.literal('play'),
      /** Whose session it becomes; absent: the house's one account. */
      accountId: z.optional(accountIdSchema),
      contextUri: z.nullable(z.string().check(z.maxLength(200))),
      /** Empty where `list` says which they are. */
      trackIds: z.array(trackIdSchema).check(z.maxLength(QUEUE_TRACKS_MAX)),
      list: z.optional(listNameSchema),
      index: counterSchema,
      positionMs: msSchema,
    })
    .check(
      z.refine(({ trackIds, list }) => (trackIds.length === 0) === (list !== undefined), {
        path: ['trackIds'],
        error: 'tracks one by one or as a list, and one at least',
      }),
    ),
  z.object({ kind: z.literal('resume') }),
  z.object({ kind: z.literal('pause') }),
  z.object({ kind: z.literal('next') }),
  z.object({ kind: z.literal('previous') }),
  z.object({ kind: z.literal('seek'), positionMs: msSchema }),
  z.object({ kind: z.literal('setVolume'), volume: percentSchema }),
  z.object({ kind: z.literal('setShuffle'), isOn: z.boolean() }),
  z.object({ kind: z.literal('setRepeat'), mode: repeatModeSchema }),
  z.object({ kind: z.literal('enqueue'), trackId: trackIdSchema }),
  /** Puts tracks behind what people have put in, or in front of it. */
  z.object({
    kind: z.literal('queueAdd'),
    trackIds: z.array(trackIdSchema).check(z.minLength(1), z.maxLength(UP_NEXT_MAX)),
    isNext: z.boolean(),
  }),
  z.object({
    kind: z.literal('queueRemove'),
    uids: z.array(queueUidSchema).check(z.minLength(1), z.maxLength(EDITS_MAX)),
  }),
  /** Puts an entry behind another of its kind; null: to the front of its kind. */
  z.object({ kind: z.literal('queueMove'), uid: queueUidSchema, after: z.nullable(queueUidSchema) }),
  /** Takes out all that people have put in. */
  z.object({ kind: z.literal('queueClear') }),
  /** Hand-over, first step: buffer this session at this position without a sound. Answered when it could start at once. */
  z.object({ kind: z.literal('prepare'), session: sessionStateSchema, positionFrames: framesSchema }),
  /** Hand-over, second step: become the writer; play from here if `isPlaying`. */
  z.object({
    kind: z.literal('commit'),
    positionFrames: framesSchema,
    isPlaying: z.boolean(),
    /** When `positionFrames` is to be at the loudspeaker, on the bridge's clock; absent: at once. */
    atUs: z.optional(usSchema),
    /** The speaker's volume becomes no louder than this; absent: it stays. */
    volumeMax: z.optional(percentSchema),
  }),
  /** Hand-over, last step, to the old writer: fall silent, forget the session. The answer's `session` is where it stopped. */
  z.object({
    kind: z.literal('release'),
    /** When it falls silent, on the bridge's clock; absent: at once. */
    atUs: z.optional(usSchema),
  }),
  /** Hand-over called off: a `release` whose instant has not come is taken back. Only to who tells its clock (5.4.3). */
  z.object({ kind: z.literal('keep') }),
]);
export type CommandBody = Infer<typeof commandBodySchema>;
/** Which of them. */
export type CommandKind = CommandBody['kind'];

export const commandSchema = z.object({
  kind: z.literal('command'),
  id: commandIdSchema,
  /** Epoch in which it is meant; a speaker that knows a newer one answers `superseded`. */
  epoch: counterSchema,
  /** Time left when it was sent. Relative, because the two clocks are not shared; the receiver counts from arrival. */
  deadlineMs: msSchema,
  body: commandBodySchema,
});
export type Command = Infer<typeof commandSchema>;

export const outcomeSchema = z.discriminatedUnion('kind', [
  /** Done. `revision` is the state's after it; `session` only in answer to `release`, `clock` only to `prepare`. */
  z.object({
    kind: z.literal('accepted'),
    revision: counterSchema,
    session: z.optional(z.nullable(sessionStateSchema)),
    /** What the speaker takes the bridge's clock to be, and by how much it may be wrong; absent: it does not know. */
    clock: z.optional(z.object({ nowUs: usSchema, errorUs: usSchema })),
  }),
  z.object({ kind: z.literal('refused'), error: errorBodySchema }),
  z.object({ kind: z.literal('superseded'), epoch: counterSchema }),
]);
export type Outcome = Infer<typeof outcomeSchema>;

/** The answer to the command of that id. */
export const answerSchema = z.object({ kind: z.literal('answer'), id: commandIdSchema, outcome: outcomeSchema });
export type Answer = Infer<typeof answerSchema>;
