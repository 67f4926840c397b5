/** The bridge's authorisation server from the outside: the device grant, renewal, revocation (specification 13.4). */
import * as z from 'zod/mini';
import { TonearmError } from '#protocol/vocabulary/errors';
import { parseValue, type Schema } from '#protocol/wire/schema';
import { CommandFailure } from '../command-failure.ts';

export const CLIENT_ID = 'tonearm';
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const REQUEST_DEADLINE_MS = 10_000;
const ANSWER_LENGTH_MAX = 64 * 1024;

const text = z.string().check(z.maxLength(4_096));
const tokenSchema = z.object({ access_token: text, expires_in: z.number(), refresh_token: text });
const deviceSchema = z.object({
  device_code: text,
  user_code: text,
  verification_uri: text,
  verification_uri_complete: text,
  expires_in: z.number(),
  interval: z.number(),
});
const refusalSchema = z.object({ error: text });

export type TokenAnswer = z.output<typeof tokenSchema>;
export type DeviceAnswer = z.output<typeof deviceSchema>;

/** Asks for a code that a person is to confirm. @param deviceName for that person */
export function beginDevice(url: string, deviceName: string, interrupted: AbortSignal): Promise<DeviceAnswer> {
  const form = { client_id: CLIENT_ID, device_name: deviceName };
  return post(deviceSchema, { url, path: '/api/device', form, interrupted }).then(wanted);
}

/** Whether the person has decided. @returns the server's word for why there is no token (yet), or the tokens */
export function exchangeDevice(
  url: string,
  deviceCode: string,
  interrupted: AbortSignal,
): Promise<TokenAnswer | string> {
  const form = { grant_type: DEVICE_GRANT, client_id: CLIENT_ID, device_code: deviceCode };
  return post(tokenSchema, { url, path: '/api/token', form, interrupted });
}

/** @returns null when the refresh token is good no more */
export async function renewTokens(
  url: string,
  refreshToken: string,
  interrupted: AbortSignal,
): Promise<TokenAnswer | null> {
  const form = { grant_type: 'refresh_token', client_id: CLIENT_ID, refresh_token: refreshToken };
  const answer = await post(tokenSchema, { url, path: '/api/token', form, interrupted });
  return typeof answer === 'string' ? null : answer;
}

export async function revokeToken(url: string, refreshToken: string, interrupted: AbortSignal): Promise<void> {
  await post(z.unknown(), { url, path: '/api/revoke', form: { token: refreshToken }, interrupted });
}

function wanted<Value>(answer: Value | string): Value {
  if (typeof answer !== 'string') return answer;
  throw new CommandFailure(
    new TonearmError('fetch.unexpected-answer', `the bridge does not sign anybody in: ${answer}`),
  );
}

interface Posting {
  readonly url: string;
  readonly path: string;
  readonly form: Readonly<Record<string, string>>;
  readonly interrupted: AbortSignal;
}

/** @returns the answer, or the word with which it was refused */
async function post<Value>(schema: Schema<Value>, { url, path, form, interrupted }: Posting): Promise<Value | string> {
  let answer: Response;
  let body: string;
  try {
    answer = await fetch(new URL(path, url), {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.any([interrupted, AbortSignal.timeout(REQUEST_DEADLINE_MS)]),
      body: new URLSearchParams(form),
    });
    body = await answer.text();
  } catch (cause) {
    throw new CommandFailure(
      new TonearmError('connect.unreachable', `no bridge answers at ${url}: ${String(cause)}`, { cause }),
    );
  }
  const json = body === '' ? null : parsedJson(body.slice(0, ANSWER_LENGTH_MAX));
  if (answer.ok) {
    const parsed = parseValue(schema, json, `the bridge's answer to ${path}`);
    if (parsed.ok) return parsed.value;
    throw new CommandFailure(new TonearmError('fetch.unexpected-answer', parsed.error.message));
  }
  const refusal = parseValue(refusalSchema, json, 'the refusal');
  return refusal.ok ? refusal.value.error : `it answered ${answer.status}`;
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
