/**
 * What travels over MQTT between a house and whatever commands it from outside: topics and payloads. Spec section 14.
 * MQTT 3.1.1 has no room for ids and expiry in a packet's head, so they are in the payload.
 */
import * as z from 'zod/mini';
import { errorBodySchema } from './error-body.ts';
import { repeatModeSchema } from './playback-state.ts';
import { commandIdSchema, counterSchema, type Infer, msSchema, nameSchema, percentSchema } from './schema.ts';

/** The first level of every topic of ours. */
export const BUS_ROOT = 'tonearm';
/** UTF-16 units of a command's payload: a URI and what is around it, with room. */
export const BUS_COMMAND_LENGTH_MAX = 1_024;
const VALUE_LENGTH_MAX = 256;

/** The last level of a command's topic. */
export const BUS_COMMANDS = [
  'play',
  'pause',
  'toggle',
  'next',
  'previous',
  'seek',
  'volume',
  'level',
  'mute',
  'shuffle',
  'repeat',
  'media',
  'source',
  'transfer',
] as const;
export type BusCommandName = (typeof BUS_COMMANDS)[number];

/** A command that is answered, and may come twice. */
export const busCommandSchema = z.object({
  id: commandIdSchema,
  /** As the command's row of the table in the specification says. */
  value: z.optional(z.union([z.string().check(z.maxLength(VALUE_LENGTH_MAX)), z.number(), z.boolean()])),
  /** Milliseconds since 1970; a command that comes later is refused. */
  expiresAtMs: z.optional(counterSchema),
});
export type BusCommand = Infer<typeof busCommandSchema>;

/** Published once for each command that has an id, again when it comes again. */
export const busAnswerSchema = z.object({
  id: commandIdSchema,
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('accepted') }),
    z.object({ kind: z.literal('refused'), error: errorBodySchema }),
  ]),
});
export type BusAnswer = Infer<typeof busAnswerSchema>;

/** One speaker as the house sees it; all of the session's fields are null or off while another speaker has the music. */
export const busSpeakerStateSchema = z.object({
  name: nameSchema,
  isActive: z.boolean(),
  playback: z.enum(['stopped', 'buffering', 'playing', 'paused']),
  volume: z.nullable(percentSchema),
  isMuted: z.boolean(),
  title: z.nullable(z.string()),
  artist: z.nullable(z.string()),
  album: z.nullable(z.string()),
  durationMs: z.nullable(msSchema),
  /** True when it was published; while `playing` it goes on with the time. */
  positionMs: z.nullable(msSchema),
  isShuffled: z.boolean(),
  repeat: repeatModeSchema,
  /** What plays, if it is one of the sources that the house offers. */
  source: z.nullable(z.string()),
});
export type BusSpeakerState = Infer<typeof busSpeakerStateSchema>;
