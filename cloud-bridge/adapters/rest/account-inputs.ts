/** What the routes of accounts take. */
import * as z from 'zod/mini';
import { SCOPES } from '#bridge/core/ports/callers';
import { LINK_HOURS_MAX, LINK_USES_MAX } from '#bridge/core/services/accounts/links';
import { GUEST_HOURS_MAX, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '#bridge/core/services/accounts/people';
import { ID_PATTERNS } from '#protocol/vocabulary/ids';
import { nameSchema, secretSchema } from '#protocol/wire/schema';

const LINK_HOURS_DEFAULT = 72;
const USER_CODE_LENGTH_MAX = 16;
/** A query of `GET /authorize`, with its redirect address and state. */
const QUERY_LENGTH_MAX = 4_096;
const OAUTH_LENGTH_MAX = 1_024;

const idSchema = z.string().check(z.regex(ID_PATTERNS.token));
const roleSchema = z.enum(['owner', 'member', 'guest']);
const newPassword = z.string().check(z.minLength(PASSWORD_LENGTH_MIN), z.maxLength(PASSWORD_LENGTH_MAX));
/** Of one that is only compared: too short a one is wrong, and not told apart. */
const givenPassword = z.string().check(z.maxLength(PASSWORD_LENGTH_MAX));
const guestHours = z.optional(z.int().check(z.gte(1), z.lte(GUEST_HOURS_MAX)));

export const signInBody = z.object({ name: z.string().check(z.maxLength(64)), password: givenPassword });
export const linkTokenBody = z.object({ token: secretSchema });
export const useLinkBody = z.object({
  token: secretSchema,
  /** What the first owner is called; others have a name. */
  name: z.optional(nameSchema),
  password: z.optional(newPassword),
});
export const passwordBody = z.object({ current: z.optional(givenPassword), password: newPassword });
export const userCodeBody = z.object({ userCode: z.string().check(z.maxLength(USER_CODE_LENGTH_MAX)) });
export const decideDeviceBody = z.object({
  userCode: z.string().check(z.maxLength(USER_CODE_LENGTH_MAX)),
  isAllowed: z.boolean(),
});
/** `query`: as the browser has it, without the question mark. */
export const decideAuthorizeBody = z.object({
  query: z.string().check(z.maxLength(QUERY_LENGTH_MAX)),
  isAllowed: z.boolean(),
});

export const personParams = z.object({ id: idSchema });
export const grantParams = z.object({ id: idSchema });
export const addPersonBody = z.object({ name: nameSchema, role: z._default(roleSchema, 'member'), guestHours });
export const changePersonBody = z.object({ name: z.optional(nameSchema), role: z.optional(roleSchema), guestHours });
export const linkBody = z.object({
  hours: z._default(z.int().check(z.gte(1), z.lte(LINK_HOURS_MAX)), LINK_HOURS_DEFAULT),
  uses: z._default(z.int().check(z.gte(1), z.lte(LINK_USES_MAX)), 1),
});

const oauthText = z.optional(z.string().check(z.maxLength(OAUTH_LENGTH_MAX)));
export const authorizeQuery = z.object({
  response_type: z.literal('code'),
  client_id: z.string().check(z.maxLength(64)),
  redirect_uri: z.string().check(z.maxLength(512)),
  code_challenge: z.string().check(z.regex(/^[0-9A-Za-z_-]{43}$/)),
  code_challenge_method: z.literal('S256'),
  scope: oauthText,
  state: oauthText,
});
export const tokenBody = z.object({
  grant_type: z.string().check(z.maxLength(100)),
  client_id: oauthText,
  code: oauthText,
  redirect_uri: oauthText,
  code_verifier: oauthText,
  refresh_token: oauthText,
  device_code: oauthText,
});
export const deviceBody = z.object({
  client_id: z.string().check(z.regex(/^[\x20-\x7e]{1,64}$/)),
  scope: oauthText,
  /** For people: on which device the program runs. */
  device_name: z.optional(nameSchema),
});
export const revokeBody = z.object({ token: z.string().check(z.maxLength(4_096)) });

const timeMs = z.nullable(z.int());
export const personView = z.object({
  id: idSchema,
  name: nameSchema,
  role: roleSchema,
  hasPassword: z.boolean(),
  createdAtMs: z.int(),
  expiresAtMs: timeMs,
});
export const peopleView = z.object({ items: z.array(personView) });
export const meView = z.object({
  accountId: idSchema,
  name: nameSchema,
  role: roleSchema,
  scopes: z.array(z.enum(SCOPES)),
  expiresAtMs: timeMs,
});
export const linkView = z.object({ link: z.string(), expiresAtMs: z.int() });
export const lookedLinkView = z.object({ name: z.nullable(nameSchema), hasPassword: z.boolean() });
export const deviceLookView = z.object({ label: z.string(), address: z.string(), scopes: z.array(z.enum(SCOPES)) });
export const redirectView = z.object({ redirectTo: z.string() });
export const grantsView = z.object({
  items: z.array(
    z.object({
      id: idSchema,
      kind: z.enum(['page', 'client']),
      label: z.string(),
      createdAtMs: z.int(),
      isThis: z.boolean(),
    }),
  ),
});
export const tokenView = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int(),
  refresh_token: z.string(),
  scope: z.string(),
});
export const deviceView = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string(),
  expires_in: z.int(),
  interval: z.int(),
});
