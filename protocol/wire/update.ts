/**
 * What is signed about a version, who may sign it, and how a speaker hears of it. Spec section 16.
 *
 * Signed texts travel as they were signed, as strings of ASCII inside JSON: a signature holds over exactly these bytes, and
 * nobody has to agree on how JSON is written.
 */
import * as z from 'zod/mini';
import { ERROR_CODES } from '#protocol/vocabulary/errors';
import { bytesSchema, counterSchema, type Infer, nameSchema, publicKeySchema, signatureSchema } from './schema.ts';

/** What this is about: a release of another product is none of ours, however well it is signed. */
export const UPDATE_PRODUCT = 'tonearm-speaker';
/** Largest signed text, in characters: a root with eight keys of each kind has 2,000. */
export const SIGNED_TEXT_MAX = 16_384;
/** Keys of one kind in a root, and signatures below one text. */
export const KEYS_MAX = 8;
/** Roots that an offer brings: ten rotations after the one that a speaker left its shop with. */
export const ROOTS_MAX = 32;
/** An artifact is one program with all that it needs. */
export const ARTIFACT_BYTES_MAX = 512 * 1024 * 1024;
/** Blocks of the map; a change of our code alone leaves almost all as they were. */
export const BLOCK_BYTES = 65_536;
/** Longest map of blocks as JSON. */
export const BLOCK_MAP_TEXT_MAX = 1_048_576;
/** Longest offer as JSON, roots included. */
export const OFFER_TEXT_MAX = 1_048_576;

/** SHA-256 in hexadecimal. */
export const sha256Schema = z.string().check(z.regex(/^[0-9a-f]{64}$/));
/** `1.2.3`, and what may follow it; it becomes part of paths. */
export const versionSchema = z.string().check(z.regex(/^[0-9]{1,6}(\.[0-9]{1,6}){2}(-[0-9A-Za-z.]{1,32})?$/));
export const archSchema = z.enum(['arm64', 'x64']);
export type Arch = Infer<typeof archSchema>;
const channelSchema = z.string().check(z.regex(/^[a-z][a-z0-9-]{0,31}$/));
const formatSchema = z.literal(1);
const productSchema = z.literal(UPDATE_PRODUCT);
const keysSchema = z.array(publicKeySchema).check(z.minLength(1), z.maxLength(KEYS_MAX));
/** Milliseconds since 1970. */
const instantSchema = counterSchema;

/** A text as it was signed, and by whom. */
export const signedTextSchema = z.object({
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break is the one control character that it may hold
  text: z.string().check(z.maxLength(SIGNED_TEXT_MAX), z.regex(/^[\u000a\u0020-\u007e]*$/)),
  signatures: z.array(z.object({ key: publicKeySchema, signature: signatureSchema })).check(z.maxLength(KEYS_MAX)),
});
export type SignedText = Infer<typeof signedTextSchema>;

/** Who may sign what: the root of trust. The next one is signed by `threshold` of this one's root keys, and of its own. */
export const updateRootSchema = z.object({
  format: formatSchema,
  kind: z.literal('root'),
  product: productSchema,
  version: z.int().check(z.gte(1)),
  createdMs: instantSchema,
  threshold: z.int().check(z.gte(1), z.lte(KEYS_MAX)),
  rootKeys: keysSchema,
  releaseKeys: keysSchema,
  stampKeys: keysSchema,
});
export type UpdateRoot = Infer<typeof updateRootSchema>;

/** One version for one architecture, signed by a release key. */
export const updateManifestSchema = z.object({
  format: formatSchema,
  kind: z.literal('release'),
  product: productSchema,
  channel: channelSchema,
  version: versionSchema,
  /** Only grows; what a speaker has seen once it never goes below. */
  seq: z.int().check(z.gte(1)),
  /** The lowest sequence that may come to this one in one step; 0: any. */
  minSeq: counterSchema,
  createdMs: instantSchema,
  /** No longer offered then, unless a stamp says otherwise. */
  expiresMs: instantSchema,
  arch: archSchema,
  /** Boards that it runs on; empty: all of that architecture. */
  hardware: z.array(z.string().check(z.regex(/^[a-z0-9][a-z0-9.,-]{0,63}$/))).check(z.maxLength(32)),
  artifact: z.object({
    sizeBytes: z.int().check(z.gte(1), z.lte(ARTIFACT_BYTES_MAX)),
    sha256: sha256Schema,
    blockBytes: z.literal(BLOCK_BYTES),
    /** Of the map of its blocks as it travels. */
    blocksSha256: sha256Schema,
  }),
  requires: z.object({
    /** The number of what the package owns (`firmware-scripts/ota/README.md`). */
    base: counterSchema,
    glibc: z.string().check(z.regex(/^[0-9]{1,3}\.[0-9]{1,3}$/)),
    /** On the disk of the slots, beside the artifact itself. */
    freeBytes: bytesSchema,
  }),
  rollout: z.object({ percent: z.int().check(z.gte(0), z.lte(100)), seed: nameSchema }),
  /** Does not wait for the night, only for silence. */
  isCritical: z.boolean(),
  notes: z.string().check(z.maxLength(2_000)),
});
export type UpdateManifest = Infer<typeof updateManifestSchema>;

/** Makes one manifest fresh for longer, and can do nothing else; signed by a stamp key, which is online. */
export const updateStampSchema = z.object({
  format: formatSchema,
  kind: z.literal('stamp'),
  product: productSchema,
  manifestSha256: sha256Schema,
  createdMs: instantSchema,
  expiresMs: instantSchema,
});
export type UpdateStamp = Infer<typeof updateStampSchema>;

/** All that a speaker has to read to decide. */
export const updateOfferSchema = z.object({
  format: formatSchema,
  /** Every root after the first, oldest first. */
  roots: z.array(signedTextSchema).check(z.maxLength(ROOTS_MAX)),
  manifest: signedTextSchema,
  stamp: z.nullable(signedTextSchema),
});
export type UpdateOffer = Infer<typeof updateOfferSchema>;

/** The first line of a release in one file, for a speaker without a bridge; the artifact follows it. */
export const updatePackSchema = z.object({
  format: formatSchema,
  kind: z.literal('update'),
  offer: updateOfferSchema,
  blocks: z.string().check(z.maxLength(BLOCK_MAP_TEXT_MAX)),
});
export type UpdatePack = Infer<typeof updatePackSchema>;

/** The SHA-256 of each block, so that equal ones need not be fetched; the last block may be shorter. */
export const blockMapSchema = z.object({
  format: formatSchema,
  sizeBytes: z.int().check(z.gte(1), z.lte(ARTIFACT_BYTES_MAX)),
  blockBytes: z.literal(BLOCK_BYTES),
  blocks: z.array(sha256Schema).check(z.minLength(1), z.maxLength(ARTIFACT_BYTES_MAX / BLOCK_BYTES)),
});
export type BlockMap = Infer<typeof blockMapSchema>;

/** What lies in a slot, beside it (`version.json`). */
export const slotVersionSchema = z.object({
  format: formatSchema,
  version: versionSchema,
  seq: counterSchema,
  arch: archSchema,
  sizeBytes: counterSchema,
  sha256: sha256Schema,
});
export type SlotVersion = Infer<typeof slotVersionSchema>;

/** Bridge to speaker: there is something to look at. Only to a speaker with `takesUpdates`. */
export const updateOfferedSchema = z.object({ kind: z.literal('updateOffered'), version: versionSchema });
export type UpdateOffered = Infer<typeof updateOfferedSchema>;

/** How far a speaker is with a version, told to `UPDATE_REPORT_PATH`. */
export const UPDATE_STAGES = ['downloading', 'waiting', 'trying', 'good', 'refused', 'failed', 'rolled-back'] as const;

export const updateReportSchema = z.object({
  /** What it runs. */
  running: versionSchema,
  version: versionSchema,
  seq: counterSchema,
  stage: z.enum(UPDATE_STAGES),
  /** Why; null where nothing went wrong. */
  reason: z.nullable(z.enum(ERROR_CODES as [string, ...string[]])),
});
export type UpdateReport = Infer<typeof updateReportSchema>;
