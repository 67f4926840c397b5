/** Keys and revocations as the origin gives them, parsed at the door. */
import * as z from 'zod/mini';
import type { ContentKeySet } from '#bridge/core/ports/content-token-verifier';
import type { TrustSource } from '#bridge/core/ports/edge-trust';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { bytes } from '#protocol/vocabulary/units';
import { type Revocations, revocationsSchema } from '#protocol/wire/content-token';
import { parseValue } from '#protocol/wire/schema';
import { CONTENT_KEYS_PATH, REVOCATIONS_PATH } from '#protocol/wire/versions';
import type { HttpOrigin } from './http-origin.ts';

/** Ten thousand revocations have 1.2 MB. */
const BODY_BYTES_MAX = bytes(4 * 1024 * 1024);
/** Keys at one time: the one that signs, and those whose tokens have not all expired. */
const KEYS_MAX = 64;

/** A JSON Web Key Set with its issuer; members that we do not need are dropped. */
export const keySetSchema = z.object({
  issuer: z.string().check(z.minLength(1), z.maxLength(64)),
  keys: z
    .array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
        kid: z.string().check(z.regex(/^[\x21-\x7e]{1,64}$/)),
        alg: z.literal('EdDSA'),
        use: z.literal('sig'),
      }),
    )
    .check(z.maxLength(KEYS_MAX)),
});

export function createHttpTrustSource(origin: Pick<HttpOrigin, 'get'>): TrustSource {
  return {
    keys: () => fetchJson<ContentKeySet>(CONTENT_KEYS_PATH, (value) => parseValue(keySetSchema, value, 'keys')),
    revocations: async (after) => {
      const path = `${REVOCATIONS_PATH}?after=${after}`;
      return fetchJson<Revocations | null>(path, (value) => parseValue(revocationsSchema, value, 'revocations'), {
        unchanged: null,
      });
    },
  };

  async function fetchJson<Value>(
    path: string,
    parse: (value: unknown) => Result<Value, TonearmError>,
    otherwise?: { readonly unchanged: Value },
  ): Promise<Result<Value, TonearmError>> {
    const answer = await origin.get(path, {}, BODY_BYTES_MAX);
    if (!answer.ok) return answer;
    if (answer.value.status === 304 && otherwise !== undefined) return ok(otherwise.unchanged);
    if (answer.value.status !== 200) {
      const message = `the origin answers ${answer.value.status} to ${path}`;
      return refused(new TonearmError('fetch.unexpected-answer', message));
    }
    try {
      return parse(JSON.parse(Buffer.from(answer.value.body).toString('utf8')));
    } catch (cause) {
      return refused(new TonearmError('fetch.unexpected-answer', `the origin sends no JSON for ${path}`, { cause }));
    }
  }
}
