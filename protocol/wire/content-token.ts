/**
 * Who may fetch which files until when: the claims of a content token, a JSON Web Token (RFC 7519) signed with Ed25519
 * (RFC 8037, `alg` pinned to `EdDSA`, `kid` naming the key), so that an edge or any CDN can check it without asking the
 * origin. Spec section 8.7.
 */
import * as z from 'zod/mini';
import { counterSchema, fileIdSchema, type Infer, speakerIdSchema } from './schema.ts';

/** `aud` of every content token; a token for anything else is refused. */
export const CONTENT_TOKEN_AUDIENCE = 'tonearm-content';
/** Files that one token opens: the qualities of one track. */
export const TOKEN_FILES_MAX = 8;

/** An account's id: 1 to 64 characters of base64url. */
export const accountIdSchema = z.string().check(z.regex(/^[0-9A-Za-z_-]{1,64}$/));

export const contentClaimsSchema = z.object({
  aud: z.literal(CONTENT_TOKEN_AUDIENCE),
  /** The bridge that issued it. */
  iss: z.string().check(z.maxLength(64)),
  /** The account. */
  sub: accountIdSchema,
  /** The speaker; absent for a phone that plays by itself. */
  spk: z.optional(speakerIdSchema),
  files: z.array(fileIdSchema).check(z.minLength(1), z.maxLength(TOKEN_FILES_MAX)),
  /** Seconds since 1970. */
  nbf: counterSchema,
  exp: counterSchema,
  /** Names the token, so that it can be revoked by itself. */
  jti: z.string().check(z.regex(/^[0-9A-Za-z_-]{8,64}$/)),
});
export type ContentClaims = Infer<typeof contentClaimsSchema>;

/** What edges poll: everything revoked that has not expired by itself. A token is refused when any entry names it. */
export const revocationsSchema = z.object({
  /** Grows with every change; an edge asks with the last one it has (`?after=`) and gets 304 when nothing changed. */
  revision: counterSchema,
  entries: z
    .array(
      z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('token'), jti: z.string(), until: counterSchema }),
        /** Every token of that account issued (`nbf`) before the instant, seconds since 1970. */
        z.object({ kind: z.literal('account'), sub: accountIdSchema, before: counterSchema }),
        z.object({ kind: z.literal('speaker'), spk: speakerIdSchema, before: counterSchema }),
      ]),
    )
    .check(z.maxLength(10_000)),
});
export type Revocations = Infer<typeof revocationsSchema>;
