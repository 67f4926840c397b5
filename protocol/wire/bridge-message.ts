/** All that a bridge may say to a speaker on the Connect socket. Spec section 3. */
import * as z from 'zod/mini';
import { commandSchema } from './command.ts';
import { heartbeatAnswerSchema, heartbeatSchema, timeReplySchema } from './heartbeat.ts';
import { challengeSchema, goodbyeSchema, namedSchema, welcomeSchema } from './hello.ts';
import { hintsSchema } from './hints.ts';
import { stateRequestSchema } from './playback-state.ts';
import type { Infer } from './schema.ts';
import { listRequestSchema, trackListSchema } from './track-list.ts';
import { updateOfferedSchema } from './update.ts';

/** One message from bridge to speaker; what is not in this list is refused with `input.unknown`. */
export const bridgeMessageSchema = z.discriminatedUnion('kind', [
  challengeSchema,
  welcomeSchema,
  commandSchema,
  stateRequestSchema,
  hintsSchema,
  trackListSchema,
  listRequestSchema,
  updateOfferedSchema,
  namedSchema,
  heartbeatSchema,
  heartbeatAnswerSchema,
  timeReplySchema,
  goodbyeSchema,
]);
export type BridgeMessage = Infer<typeof bridgeMessageSchema>;
