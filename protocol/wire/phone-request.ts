/**
 * What a phone may ask over its events socket, and the answer: the same requests as over HTTP, without a round of headers
 * each (spec section 10.4), and whether anybody is there (10.6).
 */
import * as z from 'zod/mini';
import { errorBodySchema } from './error-body.ts';
import { heartbeatSchema } from './heartbeat.ts';
import { CONTEXT_TRACKS_MAX, EDITS_MAX, queueUidSchema, repeatModeSchema, UP_NEXT_MAX } from './playback-state.ts';
import {
  commandIdSchema,
  counterSchema,
  type Infer,
  msSchema,
  percentSchema,
  speakerIdSchema,
  trackIdSchema,
} from './schema.ts';

/** Null: the account's active speaker. */
const speakerId = z.nullable(speakerIdSchema);

export const phoneRequestBodySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('play'),
    speakerId,
    contextUri: z.nullable(z.string().check(z.maxLength(200))),
    trackIds: z.array(trackIdSchema).check(z.minLength(1), z.maxLength(CONTEXT_TRACKS_MAX)),
    index: counterSchema,
    positionMs: msSchema,
  }),
  z.object({ kind: z.enum(['resume', 'pause', 'next', 'previous']), speakerId }),
  z.object({ kind: z.literal('seek'), speakerId, positionMs: msSchema }),
  z.object({ kind: z.literal('setVolume'), speakerId, volume: percentSchema }),
  z.object({ kind: z.literal('setShuffle'), speakerId, isOn: z.boolean() }),
  z.object({ kind: z.literal('setRepeat'), speakerId, mode: repeatModeSchema }),
  z.object({ kind: z.literal('enqueue'), speakerId, trackId: trackIdSchema }),
  z.object({
    kind: z.literal('queueAdd'),
    speakerId,
    trackIds: z.array(trackIdSchema).check(z.minLength(1), z.maxLength(UP_NEXT_MAX)),
    isNext: z.boolean(),
  }),
  z.object({
    kind: z.literal('queueRemove'),
    speakerId,
    uids: z.array(queueUidSchema).check(z.minLength(1), z.maxLength(EDITS_MAX)),
  }),
  z.object({ kind: z.literal('queueMove'), speakerId, uid: queueUidSchema, after: z.nullable(queueUidSchema) }),
  z.object({ kind: z.literal('queueClear'), speakerId }),
  /** Hands the session over; without `isPlaying` the music goes on as it is. */
  z.object({ kind: z.literal('transfer'), speakerId: speakerIdSchema, isPlaying: z.optional(z.boolean()) }),
]);
export type PhoneRequestBody = Infer<typeof phoneRequestBodySchema>;

const askedSchema = z.object({
  kind: z.literal('request'),
  /** Made by the phone; the same again gets the first answer again, and nothing is done twice. */
  id: commandIdSchema,
  /** Time left when it was sent. */
  deadlineMs: msSchema,
  body: phoneRequestBodySchema,
});
export type AskedByPhone = Infer<typeof askedSchema>;

/** All that a phone may say on its events socket. */
export const phoneMessageSchema = z.discriminatedUnion('kind', [askedSchema, heartbeatSchema]);
export type PhoneMessage = Infer<typeof phoneMessageSchema>;

/** Goes only to who has asked. */
export const requestAnswerSchema = z.object({
  kind: z.literal('requestAnswer'),
  id: commandIdSchema,
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('accepted') }),
    z.object({ kind: z.literal('refused'), error: errorBodySchema }),
  ]),
});
export type RequestAnswer = Infer<typeof requestAnswerSchema>;
