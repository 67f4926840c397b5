/**
 * The authorisation server of our own doors: OAuth 2.0 with PKCE (RFC 6749, 7636), for devices (RFC 8628), refresh tokens
 * that rotate (RFC 9700), revocation (RFC 7009), and what describes it all (RFC 8414). Clients are public and unregistered.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SCOPES } from '#bridge/core/ports/callers';
import type { Accounts } from '#bridge/core/services/accounts/accounts';
import { readAuthorizeRequest } from '#bridge/core/services/accounts/authorize-request';
import { DEVICE_CODE_LIFE_MS, POLL_EVERY_S, userCodeForPeople } from '#bridge/core/services/accounts/device-grants';
import type { FreshGrant } from '#bridge/core/services/accounts/grants';
import type { OauthRefusal } from '#bridge/core/services/accounts/oauth-refusal';
import { parseScopes } from '#bridge/core/services/accounts/role-scopes';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Infer, parseValue } from '#protocol/wire/schema';
import { deviceBody, revokeBody, tokenBody } from './account-inputs.ts';
import type { PageFile } from './page-files.ts';
import { sendPageFile } from './page-routes.ts';
import { baseUrlOf, bodyOf } from './request-parts.ts';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
export const SIGN_IN_PAGE = '/sign-in.html';
const PUBLIC = { config: { isPublic: true } } as const;

export interface OauthRoutesPorts {
  readonly accounts: Pick<Accounts, 'grants' | 'codes' | 'devices' | 'issue'>;
}

export function addOauthRoutes(
  app: FastifyInstance,
  { accounts }: OauthRoutesPorts,
  options: { readonly page: ReadonlyMap<string, PageFile> },
): void {
  app.get('/.well-known/oauth-authorization-server', PUBLIC, async (request) => metadataAt(baseUrlOf(request)));
  app.get('/authorize', PUBLIC, async (request, reply) => {
    const read = readAuthorizeRequest(request.query as Readonly<Record<string, unknown>>);
    if (read.kind === 'bad') {
      throw new TonearmError('input.invalid', `${read.field}: ${read.reason}`, { field: read.field });
    }
    if (read.kind === 'refused') return reply.header('cache-control', 'no-store').redirect(read.redirectTo, 302);
    const file = options.page.get(SIGN_IN_PAGE);
    if (file === undefined) throw new TonearmError('input.unknown', 'this bridge has no page to sign in at');
    return sendPageFile(request, reply, file);
  });
  app.post('/api/token', PUBLIC, async (request, reply) => {
    const body = parseValue(tokenBody, request.body ?? {}, 'body');
    if (!body.ok) return refuse(reply, 'invalid_request');
    const fresh = await exchange(accounts, body.value);
    if (typeof fresh === 'string') return refuse(reply, fresh);
    const answer = await accounts.issue.answer(fresh);
    return answer === null ? refuse(reply, 'invalid_grant') : secretly(reply).send(answer);
  });
  app.post('/api/device', PUBLIC, async (request, reply) => {
    const body = parseValue(deviceBody, request.body ?? {}, 'body');
    if (!body.ok) return refuse(reply, 'invalid_request');
    return secretly(reply).send(beginDevice(accounts, request, reply, body.value));
  });
  app.post('/api/revoke', PUBLIC, async (request, reply) => {
    const { token } = bodyOf(revokeBody, request);
    await accounts.grants.endBySecret(token);
    return secretly(reply).code(200).send();
  });
}

async function exchange(
  { codes, devices, grants }: OauthRoutesPorts['accounts'],
  body: Infer<typeof tokenBody>,
): Promise<FreshGrant | OauthRefusal> {
  const { client_id: clientId = '', code, redirect_uri: redirectUri, code_verifier: verifier } = body;
  switch (body.grant_type) {
    case 'authorization_code': {
      if (code === undefined || redirectUri === undefined || verifier === undefined) return 'invalid_request';
      return (await codes.exchange({ code, redirectUri, verifier, clientId })) ?? 'invalid_grant';
    }
    case 'refresh_token': {
      if (body.refresh_token === undefined) return 'invalid_request';
      const rotated = await grants.rotate(body.refresh_token);
      return rotated.ok ? rotated.value : 'invalid_grant';
    }
    case DEVICE_GRANT:
      return body.device_code === undefined ? 'invalid_request' : devices.exchange(clientId, body.device_code);
    default:
      return 'unsupported_grant_type';
  }
}

function beginDevice(
  { devices }: Pick<OauthRoutesPorts['accounts'], 'devices'>,
  request: FastifyRequest,
  reply: FastifyReply,
  body: Infer<typeof deviceBody>,
): object {
  const scopes = parseScopes(body.scope ?? '');
  if (scopes === null) return refusal(reply, 'invalid_scope');
  const label = body.device_name === undefined ? body.client_id : `${body.client_id} · ${body.device_name}`;
  const begun = devices.begin({ clientId: body.client_id, label, scopes, address: request.ip });
  if (begun === null) return refusal(reply, 'temporarily_unavailable');
  const userCode = userCodeForPeople(begun.userCode);
  const page = `${baseUrlOf(request)}/device`;
  return {
    device_code: begun.deviceCode,
    user_code: userCode,
    verification_uri: page,
    // In the fragment, which no server and no log sees.
    verification_uri_complete: `${page}#${userCode}`,
    expires_in: DEVICE_CODE_LIFE_MS / 1_000,
    interval: POLL_EVERY_S,
  };
}

function metadataAt(base: string): object {
  return {
    issuer: base,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/api/token`,
    device_authorization_endpoint: `${base}/api/device`,
    revocation_endpoint: `${base}/api/revoke`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token', DEVICE_GRANT],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    scopes_supported: SCOPES,
  };
}

function secretly(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store');
}

function refusal(reply: FastifyReply, error: OauthRefusal): { readonly error: OauthRefusal } {
  reply.code(error === 'temporarily_unavailable' ? 503 : 400);
  return { error };
}

/** As RFC 6749 section 5.2 has it, which is not how our other doors refuse. */
function refuse(reply: FastifyReply, error: OauthRefusal): FastifyReply {
  return secretly(reply).send(refusal(reply, error));
}
