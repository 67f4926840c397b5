/** What an access token says (RFC 9068, as far as one bridge needs it). */
import * as z from 'zod/mini';
import { ID_PATTERNS } from '#protocol/vocabulary/ids';
import { counterSchema } from './schema.ts';

/** `aud`: our own doors, and not those for content. */
export const ACCESS_AUDIENCE = 'tonearm-doors';
/** Life of an access token, in seconds. */
export const ACCESS_LIFE_S = 15 * 60;
/** Clocks that step back a little must not make a fresh token one of the future. */
export const CLOCK_STEP_S = 60;

const tokenSchema = z.string().check(z.regex(ID_PATTERNS.token));

export const accessClaimsSchema = z.object({
  iss: tokenSchema,
  aud: z.literal(ACCESS_AUDIENCE),
  /** The account. */
  sub: tokenSchema,
  /** Names, with spaces between. */
  scope: z.string().check(z.maxLength(1_000)),
  /** Of the grant that it came from: when that ends, the token does. */
  grant: tokenSchema,
  jti: tokenSchema,
  iat: counterSchema,
  nbf: counterSchema,
  exp: counterSchema,
});
