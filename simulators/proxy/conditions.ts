/**
 * What a simulated network does to what passes through it, each way by itself: one record for profiles, for traces and
 * for whoever changes it while it runs. What is not said stays as it was; what means nothing is refused by name.
 */
import * as z from 'zod/mini';
import { parseValue } from '#protocol/wire/schema';

/** Beyond it every peer has given up. */
const DELAY_MS_MAX = 600_000;
/** 100 Gbit/s; this program carries some hundred Mbit/s. */
const KBPS_MAX = 100_000_000;
const PER_MINUTE_MAX = 6_000;

const share = z.number().check(z.minimum(0), z.maximum(1));
const delayMs = z.number().check(z.minimum(0), z.maximum(DELAY_MS_MAX));

const pathShape = {
  /** One way, ms. */
  delayMs: delayMs,
  /** Each packet's delay lies evenly within this much of `delayMs`, on either side and not below nothing; TCP keeps its order, ms. */
  jitterMs: delayMs,
  /** Of all that goes this way together, kbit/s; 0: nothing passes and nothing breaks; null: no limit. */
  kbps: z.nullable(z.number().check(z.minimum(0), z.maximum(KBPS_MAX))),
  /** Of packets. UDP's are gone; TCP's come a retransmission later, and all behind them with them. */
  lossShare: share,
  /** Of packets in which a bit is wrong. */
  corruptShare: share,
  /** Of UDP packets that come twice. */
  duplicateShare: share,
  /** Of UDP packets that are overtaken by those behind them. */
  reorderShare: share,
};

const connectionShape = {
  /** TCP connections that are reset, by chance, over all of them. */
  resetsPerMinute: z.number().check(z.minimum(0), z.maximum(PER_MINUTE_MAX)),
  /** Times at which nothing passes either way for `stallMs`, by chance. */
  stallsPerMinute: z.number().check(z.minimum(0), z.maximum(PER_MINUTE_MAX)),
  stallMs: delayMs,
};

const pathChangeSchema = z.partial(z.strictObject(pathShape));
const conditionsChangeSchema = z.strictObject({
  /** From those who connect to what they connect to. */
  up: z.optional(pathChangeSchema),
  down: z.optional(pathChangeSchema),
  ...z.partial(z.strictObject(connectionShape)).shape,
});

/** What happens on one way. */
export type PathConditions = z.infer<z.ZodMiniObject<typeof pathShape>>;
/** What happens to connections as a whole. */
export type ConnectionConditions = z.infer<z.ZodMiniObject<typeof connectionShape>>;
export interface Conditions extends ConnectionConditions {
  readonly up: PathConditions;
  readonly down: PathConditions;
}
/** What is to be otherwise; what is not in it stays. */
export type ConditionsChange = z.infer<typeof conditionsChangeSchema>;

export const CLEAR_PATH: PathConditions = {
  delayMs: 0,
  jitterMs: 0,
  kbps: null,
  lossShare: 0,
  corruptShare: 0,
  duplicateShare: 0,
  reorderShare: 0,
};

/** A network that does nothing. */
export const CLEAR: Conditions = {
  up: CLEAR_PATH,
  down: CLEAR_PATH,
  resetsPerMinute: 0,
  stallsPerMinute: 0,
  stallMs: 0,
};

/** @throws TonearmError input.invalid that names the field */
export function parseConditionsChange(told: unknown): ConditionsChange {
  const parsed = parseValue<ConditionsChange>(conditionsChangeSchema, told, 'conditions');
  if (!parsed.ok) throw parsed.error;
  return parsed.value;
}

export function applyConditions(before: Conditions, { up, down, ...connections }: ConditionsChange): Conditions {
  return {
    ...before,
    ...withoutUndefined(connections),
    up: { ...before.up, ...withoutUndefined(up ?? {}) },
    down: { ...before.down, ...withoutUndefined(down ?? {}) },
  };
}

function withoutUndefined<Value extends object>(
  value: Value,
): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  const entries = Object.entries(value).filter(([, it]) => it !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Value]: Exclude<Value[Key], undefined> };
}
