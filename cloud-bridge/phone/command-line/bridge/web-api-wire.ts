/**
 * The parts of the Web-API-compatible answers that the command line reads. Only these are checked: such an answer has
 * many fields more, and a client that refused a new one would break with every bridge that is newer than itself.
 */
import * as z from 'zod/mini';
import { ingestViewSchema, trackSummarySchema } from '#protocol/wire/household';
import type { Infer } from '#protocol/wire/schema';

/** Things of one kind and a page that a bridge may send at once. */
const ITEMS_MAX = 1_000;
/** The longest that Linux takes. */
const PATH_LENGTH_MAX = 4_096;

const text = z.string().check(z.maxLength(2_000));

export const foundArtistSchema = z.object({ uri: text, name: text });
export const foundAlbumSchema = z.object({ uri: text, name: text, artists: z.array(z.object({ name: text })) });
export const foundTrackSchema = z.object({
  uri: text,
  name: text,
  artists: z.array(z.object({ name: text })),
  album: z.object({ name: text, uri: text }),
  duration_ms: z.number(),
});

function pageOf<Item extends z.ZodMiniType>(item: Item) {
  return z.object({ items: z.array(item).check(z.maxLength(ITEMS_MAX)), total: z.number() });
}

export const searchAnswerSchema = z.object({
  tracks: pageOf(foundTrackSchema),
  albums: pageOf(foundAlbumSchema),
  artists: pageOf(foundArtistSchema),
});
export type SearchAnswer = Infer<typeof searchAnswerSchema>;
export type FoundTrack = Infer<typeof foundTrackSchema>;

export const tracksPageSchema = z.object({
  items: z.array(trackSummarySchema).check(z.maxLength(ITEMS_MAX)),
  total: z.number(),
});

export const healthSchema = z.object({ name: z.optional(text), version: z.optional(text) });
export type Health = Infer<typeof healthSchema>;

export const meAnswerSchema = z.object({ accountId: text, name: text, role: text, scopes: z.array(text) });
export type MeAnswer = Infer<typeof meAnswerSchema>;

export const personAnswerSchema = z.object({ id: text, name: text, role: text, expiresAtMs: z.nullable(z.number()) });
export type PersonAnswer = Infer<typeof personAnswerSchema>;
export const peopleAnswerSchema = z.object({ items: z.array(personAnswerSchema).check(z.maxLength(ITEMS_MAX)) });
export const linkAnswerSchema = z.object({ link: text, expiresAtMs: z.number() });
export type LinkAnswer = Infer<typeof linkAnswerSchema>;

export const pairedSpeakerSchema = z.object({ id: text, name: text, ownerId: text });
export type PairedSpeakerAnswer = Infer<typeof pairedSpeakerSchema>;
export const pairedSpeakersSchema = z.object({
  items: z.array(pairedSpeakerSchema).check(z.maxLength(ITEMS_MAX)),
  total: z.optional(z.number()),
});

export const firmwareAnswerSchema = z.object({
  releases: z
    .array(
      z.object({
        version: text,
        seq: z.number(),
        arch: text,
        sizeBytes: z.number(),
        rollout: z.nullable(z.object({ percent: z.number(), halted: z.nullable(text) })),
        good: z.number(),
        failed: z.number(),
      }),
    )
    .check(z.maxLength(ITEMS_MAX)),
  speakers: z.array(
    z.object({
      id: text,
      name: text,
      isOnline: z.boolean(),
      running: text,
      update: z.nullable(z.object({ version: text, stage: text, reason: z.nullable(text), atMs: z.number() })),
    }),
  ),
});
export type FirmwareAnswer = Infer<typeof firmwareAnswerSchema>;

export const ingestAnswerSchema = ingestViewSchema;

export const changesAnswerSchema = z.object({
  items: z
    .array(
      z.object({
        number: z.number(),
        kind: text,
        path: z.string().check(z.maxLength(PATH_LENGTH_MAX)),
        title: z.optional(text),
        before: z.optional(z.string().check(z.maxLength(PATH_LENGTH_MAX))),
        reason: z.optional(text),
      }),
    )
    .check(z.maxLength(ITEMS_MAX)),
  last: z.number(),
});
export type ChangesAnswer = Infer<typeof changesAnswerSchema>;

/** `{error: {status, message, reason?, code?, field?}}`, of both the player's routes and our own. */
export const errorAnswerSchema = z.object({
  error: z.object({
    message: text,
    status: z.optional(z.number()),
    reason: z.optional(text),
    code: z.optional(text),
    field: z.optional(text),
  }),
});
export type ErrorAnswer = Infer<typeof errorAnswerSchema>;

/** A speaker that could come into the house (spec 15.7). */
const candidateAnswerSchema = z.object({
  id: z.string(),
  name: z.string(),
  model: z.string(),
  address: z.string(),
  pairing: z.enum(['open', 'closed', 'owned', 'unknown']),
});
export const candidatesAnswerSchema = z.object({ items: z.array(candidateAnswerSchema) });
export const pairedAnswerSchema = z.object({ id: z.string(), name: z.string() });
export type CandidateAnswer = z.output<typeof candidateAnswerSchema>;
export type PairedAnswer = z.output<typeof pairedAnswerSchema>;
