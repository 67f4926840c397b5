/** How a speaker and a bridge meet, and part. Spec section 4. */
import * as z from 'zod/mini';
import { ID_PATTERNS } from '#protocol/vocabulary/ids';
import { errorBodySchema } from './error-body.ts';
import {
  accountIdSchema,
  bridgeIdSchema,
  counterSchema,
  type Infer,
  msSchema,
  nameSchema,
  publicKeySchema,
  resumeTokenSchema,
  secretSchema,
  signatureSchema,
  speakerIdSchema,
} from './schema.ts';

/** The bridge's first words to who has offered `CHALLENGE_SUBPROTOCOL`, sent as the socket opens. */
export const challengeSchema = z.object({
  kind: z.literal('challenge'),
  /** Chance, for this link alone; signed as it is written here. */
  nonce: secretSchema,
  bridge: z.object({ id: bridgeIdSchema, publicKey: publicKeySchema }),
  /** Whether it lets in speakers that are not paired with it. */
  isOpen: z.boolean(),
});
export type Challenge = Infer<typeof challengeSchema>;

export const helloSchema = z.object({
  kind: z.literal('hello'),
  protocol: z.int(),
  speaker: z.object({
    id: speakerIdSchema,
    name: nameSchema,
    model: nameSchema,
    version: nameSchema,
  }),
  capabilities: z.object({
    /** False for a speaker whose volume is set elsewhere. */
    hasVolume: z.boolean(),
    /** Codecs it decodes; every speaker decodes `opus`. */
    codecs: z.array(z.enum(['opus'])).check(z.minLength(1), z.maxLength(8)),
    /** Whether it knows the message `hints`; absent: it does not, and must not get one. */
    takesHints: z.optional(z.boolean()),
    /** Whether it knows `trackList`, `listRequest` and the commands `queue…`; absent: it does not, and must not get one. */
    takesLists: z.optional(z.boolean()),
    /** Whether it knows `named`; absent: it does not, and must not get one. */
    takesNames: z.optional(z.boolean()),
    /** What it would take an update for, and so whether it knows `updateOffered`; absent: it takes none. */
    takesUpdates: z.optional(z.object({ arch: z.enum(['arm64', 'x64']), seq: counterSchema })),
  }),
  /** What it still knows from before; null on first start. */
  resume: z.nullable(
    z.object({
      token: z.nullable(resumeTokenSchema),
      epoch: counterSchema,
      revision: counterSchema,
      /** True when it was the session's writer and is still playing or paused. */
      isActive: z.boolean(),
      /** Whose session that is; absent: the house's one account. */
      accountId: z.optional(accountIdSchema),
    }),
  ),
  /** Proves the id, in answer to a challenge; absent: nothing is proven. */
  identity: z.optional(
    z.object({
      publicKey: publicKeySchema,
      /** Of `helloProof`. */
      signature: signatureSchema,
      /** The household whose it is, as pairing told it; null: nobody's. */
      household: z.nullable(z.string().check(z.regex(ID_PATTERNS.token))),
    }),
  ),
});
export type Hello = Infer<typeof helloSchema>;

export const welcomeSchema = z.object({
  kind: z.literal('welcome'),
  protocol: z.int(),
  bridge: z.object({ id: bridgeIdSchema, name: nameSchema, version: nameSchema }),
  /** What people call the speaker here, where that is not what it said; absent: as it said. */
  name: z.optional(nameSchema),
  resumeToken: resumeTokenSchema,
  /** Whether the speaker goes on as the session's writer. `standby` fences one that was superseded while it was away: it stops. */
  role: z.enum(['active', 'standby']),
  epoch: counterSchema,
  /** Either side sends a heartbeat this often, and takes a peer for dead after `heartbeatDeadAfterMs` without any message. */
  heartbeatEveryMs: msSchema,
  heartbeatDeadAfterMs: msSchema,
  /** Shows in HTTP requests that they are this speaker's; absent: nobody asks. */
  accessToken: z.optional(secretSchema),
});
export type Welcome = Infer<typeof welcomeSchema>;

/** Bridge to speaker: people call it this from now on. Only to a speaker with `takesNames`. */
export const namedSchema = z.object({ kind: z.literal('named'), name: nameSchema });
export type Named = Infer<typeof namedSchema>;

/** Sent before a close, so that the other side knows what to do. */
export const goodbyeSchema = z.object({
  kind: z.literal('goodbye'),
  error: z.nullable(errorBodySchema),
  /** When to come back; null: at will. */
  retryAfterMs: z.nullable(msSchema),
});
export type Goodbye = Infer<typeof goodbyeSchema>;
