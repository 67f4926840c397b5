/** Signs of life, and the probes from which a speaker learns the bridge's clock. Spec section 7. */
import * as z from 'zod/mini';
import { counterSchema, type Infer, usSchema } from './schema.ts';

/** Asks for a sign of life; either side may, whenever it has heard nothing for a while. */
export const heartbeatSchema = z.object({ kind: z.literal('heartbeat'), sequence: counterSchema });
export type Heartbeat = Infer<typeof heartbeatSchema>;

/** The sign of life, with the number that was asked with. */
export const heartbeatAnswerSchema = z.object({ kind: z.literal('heartbeatAnswer'), sequence: counterSchema });
export type HeartbeatAnswer = Infer<typeof heartbeatAnswerSchema>;

/** T1: sent, on the speaker's clock. */
export const timeProbeSchema = z.object({ kind: z.literal('timeProbe'), sequence: counterSchema, t1Us: usSchema });
export type TimeProbe = Infer<typeof timeProbeSchema>;

/** T2: arrived, T3: answered, on the bridge's clock; T1 returned so that a late answer can be told. */
export const timeReplySchema = z.object({
  kind: z.literal('timeReply'),
  sequence: counterSchema,
  t1Us: usSchema,
  t2Us: usSchema,
  t3Us: usSchema,
});
export type TimeReply = Infer<typeof timeReplySchema>;
