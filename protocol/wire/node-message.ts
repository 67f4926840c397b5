/**
 * What the bridges of one household say to each other over the bus: a front door carries the sockets and requests that
 * come to it to the bridge that is the household's home. Sealed, so that the broker reads none of it. Spec section 14.6.
 */
import * as z from 'zod/mini';
import { errorBodySchema } from './error-body.ts';
import { phoneRequestBodySchema } from './phone-request.ts';
import { CONTEXT_TRACKS_MAX, queueSchema, sessionStateSchema } from './playback-state.ts';
import {
  accountIdSchema,
  commandIdSchema,
  counterSchema,
  type Infer,
  msSchema,
  nameSchema,
  speakerIdSchema,
  trackIdSchema,
} from './schema.ts';

/** In UTF-16 units: the longest list of tracks that a phone may want played, and its envelope. */
export const NODE_MESSAGE_LENGTH_MAX = 400_000;

const channelToken = z.string().check(z.regex(/^[0-9A-Za-z_-]{22}$/));
const link = counterSchema;
const question = counterSchema;

/** With the tracks of its context, which doors show; between bridges there is room for them. */
const wholeSessionSchema = z.extend(sessionStateSchema, {
  queue: z.extend(queueSchema, { trackIds: z.array(trackIdSchema).check(z.maxLength(CONTEXT_TRACKS_MAX)) }),
});

export const nodeBodySchema = z.discriminatedUnion('kind', [
  /** The first word of a front door. */
  z.object({ kind: z.literal('dial') }),
  /** Of the home; its `peer` token is in every later message of the front door, so that no old one can be said again. */
  z.object({ kind: z.literal('accept') }),
  z.object({ kind: z.literal('beat') }),
  /** Either side ends the channel, with all its links. */
  z.object({ kind: z.literal('end') }),
  z.object({
    kind: z.literal('open'),
    link,
    door: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('speaker'), takesChallenge: z.boolean() }),
      z.object({ kind: z.literal('phone'), accountId: accountIdSchema }),
    ]),
  }),
  z.object({ kind: z.literal('text'), link, text: z.string() }),
  z.object({ kind: z.literal('close'), link, code: z.int(), reason: z.string().check(z.maxLength(200)) }),
  z.object({
    kind: z.literal('request'),
    question,
    commandId: commandIdSchema,
    accountId: accountIdSchema,
    deadlineMs: msSchema,
    body: phoneRequestBodySchema,
  }),
  z.object({
    kind: z.literal('answer'),
    question,
    outcome: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('accepted') }),
      z.object({ kind: z.literal('refused'), error: errorBodySchema }),
    ]),
  }),
  /** What doors show of one account's session. */
  z.object({ kind: z.literal('ask'), question, accountId: accountIdSchema }),
  z.object({
    kind: z.literal('told'),
    question,
    session: z.nullable(wholeSessionSchema),
    played: z
      .array(z.object({ trackId: trackIdSchema, playedAtMs: counterSchema, contextUri: z.nullable(z.string()) }))
      .check(z.maxLength(100)),
  }),
  z.object({
    kind: z.literal('showing'),
    accountId: accountIdSchema,
    trackIds: z.array(trackIdSchema).check(z.maxLength(20)),
  }),
  z.object({ kind: z.literal('forget'), speakerId: speakerIdSchema }),
  z.object({ kind: z.literal('rename'), speakerId: speakerIdSchema, name: nameSchema }),
]);
export type NodeBody = Infer<typeof nodeBodySchema>;

export const nodeMessageSchema = z.object({
  /** Made by the front door for each attempt. */
  channel: channelToken,
  /** Made by the home for each channel; null in `dial`. */
  peer: z.nullable(channelToken),
  /** Counts from 0 in each direction; one that is missing ends the channel. */
  sequence: counterSchema,
  body: nodeBodySchema,
});
export type NodeMessage = Infer<typeof nodeMessageSchema>;
