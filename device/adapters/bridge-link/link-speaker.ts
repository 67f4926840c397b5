/**
 * A speaker taken into a house by a link: it asks the bridge as any program without a browser does (RFC 8628), its owner says
 * yes at the bridge's page, and what it then may it uses once, to be paired, and gives back.
 */

import * as z from 'zod/mini';
import type { PostAnswer } from '#protocol/adapters/post-json';
import { isErrorCode, TonearmError } from '#protocol/vocabulary/errors';
import { type PairingHouse, type PairingLink, pairingHouseSchema } from '#protocol/wire/pairing';
import { parseValue, type Schema } from '#protocol/wire/schema';
import { askBridge } from './bridge-request.ts';

const CLIENT_ID = 'Tonearm speaker';
const SCOPE = 'tonearm-speakers';
const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const LINK_PATH = '/tonearm/v1/pairings/links';
/** RFC 8628 section 3.5: added to the pause when the bridge says that it is asked too often. */
const SLOWER_BY_S = 5;
const MS_PER_S = 1_000;
const CREATED = 201;
const OK = 200;

const text = z.string().check(z.minLength(1), z.maxLength(4_096));
const begunSchema = z.object({
  device_code: text,
  user_code: text,
  verification_uri: text,
  verification_uri_complete: text,
  expires_in: z.number().check(z.positive(), z.lte(3_600)),
  interval: z.number().check(z.positive(), z.lte(60)),
});
const tokensSchema = z.object({ access_token: text, refresh_token: text });
const refusalSchema = z.object({ error: z.string() });

/** What a person is shown. */
export interface LinkInvitation {
  readonly link: string;
  readonly page: string;
  readonly userCode: string;
}

export interface LinkSteps {
  readonly name: string;
  show(invitation: LinkInvitation): void;
  sleep(ms: number): Promise<void>;
  /** The speaker shows that its key is its own, by what it was let in with. */
  prove(token: string): Promise<PairingLink>;
}

/** @throws TonearmError `pairing.refused` when nobody said yes, `connect.*`, or as the bridge refuses */
export async function linkSpeaker(bridge: URL, steps: LinkSteps): Promise<PairingHouse> {
  const request = { client_id: CLIENT_ID, scope: SCOPE, device_name: steps.name };
  const begun = read(begunSchema, await askBridge(bridge, { path: '/api/device', body: request }), OK);
  const { verification_uri_complete: link, verification_uri: page, user_code: userCode } = begun;
  steps.show({ link, page, userCode });
  const tokens = await waitForYes(bridge, begun, steps);
  try {
    const body = await steps.prove(tokens.access_token);
    const answer = await askBridge(bridge, { path: LINK_PATH, body, bearer: tokens.access_token });
    return read(pairingHouseSchema, answer, CREATED);
  } finally {
    await askBridge(bridge, { path: '/api/revoke', body: { token: tokens.refresh_token } }).catch(() => undefined);
  }
}

async function waitForYes(bridge: URL, begun: z.output<typeof begunSchema>, { sleep }: LinkSteps) {
  let everyS = begun.interval;
  const body = { grant_type: GRANT, client_id: CLIENT_ID, device_code: begun.device_code };
  for (let waitedS = 0; waitedS < begun.expires_in; waitedS += everyS) {
    await sleep(everyS * MS_PER_S);
    const answer = await askBridge(bridge, { path: '/api/token', body });
    if (answer.status === OK) return read(tokensSchema, answer, OK);
    const refused = refusalSchema.safeParse(answer.body);
    const why = refused.success ? refused.data.error : '';
    if (why === 'slow_down') everyS += SLOWER_BY_S;
    else if (why === 'access_denied') throw new TonearmError('pairing.refused', 'the owner said no');
    else if (why !== 'authorization_pending') break;
  }
  throw new TonearmError('pairing.refused', 'nobody said yes in time');
}

function read<Body>(schema: Schema<Body>, { status, body }: PostAnswer, wanted: number): Body {
  if (status !== wanted) throw refusalOf(status, body);
  const parsed = parseValue(schema, body, 'what the bridge answered');
  if (parsed.ok) return parsed.value;
  throw new TonearmError('fetch.unexpected-answer', parsed.error.message);
}

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

function refusalOf(status: number, body: unknown): TonearmError {
  const told = errorSchema.safeParse(body);
  if (told.success && isErrorCode(told.data.error.code)) {
    return new TonearmError(told.data.error.code, `the bridge: ${told.data.error.message.slice(0, 300)}`);
  }
  return new TonearmError('fetch.unexpected-answer', `the bridge answered ${status}`);
}
