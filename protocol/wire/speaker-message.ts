/** All that a speaker may say on the Connect socket. Spec section 3. */
import * as z from 'zod/mini';
import { answerSchema } from './command.ts';
import { heartbeatAnswerSchema, heartbeatSchema, timeProbeSchema } from './heartbeat.ts';
import { goodbyeSchema, helloSchema } from './hello.ts';
import { stateDifferenceSchema, stateSnapshotSchema } from './playback-state.ts';
import type { Infer } from './schema.ts';
import { trackListSchema } from './track-list.ts';

/** One message from speaker to bridge; what is not in this list is refused with `input.unknown`. */
export const speakerMessageSchema = z.discriminatedUnion('kind', [
  helloSchema,
  answerSchema,
  stateSnapshotSchema,
  stateDifferenceSchema,
  trackListSchema,
  heartbeatSchema,
  heartbeatAnswerSchema,
  timeProbeSchema,
  goodbyeSchema,
]);
export type SpeakerMessage = Infer<typeof speakerMessageSchema>;
