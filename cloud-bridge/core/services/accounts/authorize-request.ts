/**
 * What a program asks for at `GET /authorize` (RFC 6749 section 4.1.1, RFC 7636, RFC 9700). Programs are not registered:
 * the person is shown whom the code goes to, and PKCE makes it worthless to anybody else. S256 alone, never plain.
 */
import type { Scope } from '../../ports/callers.ts';
import { parseScopes } from './role-scopes.ts';

const CLIENT_ID = /^[\x20-\x7e]{1,64}$/;
/** SHA-256 in base64url. */
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const STATE_LENGTH_MAX = 512;
const REDIRECT_LENGTH_MAX = 512;
/** A program's own scheme, as RFC 8252 section 7.1 wants it: with a dot. */
const OWN_SCHEME = /^([a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+):(\/.*)?$/i;
const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d{1,5})?(\/|$)/i;
const WEB = /^https:\/\/[a-z0-9.-]+(?::\d{1,5})?(\/|$)/i;

/** As the query has it: a parameter that comes twice is a list, and wrong. */
export type AuthorizeQuery = Readonly<Record<string, unknown>>;

export interface AuthorizeRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly scopes: readonly Scope[];
  readonly state: string | null;
}

export type ReadAuthorizeRequest =
  | { readonly kind: 'good'; readonly request: AuthorizeRequest }
  /** Told to the person alone: it is not known whom else to tell. */
  | { readonly kind: 'bad'; readonly field: string; readonly reason: string }
  /** Told to the program, by sending the browser there. */
  | { readonly kind: 'refused'; readonly redirectTo: string };

export function readAuthorizeRequest(query: AuthorizeQuery): ReadAuthorizeRequest {
  const text = (name: string) => {
    const value = query[name];
    return typeof value === 'string' ? value : '';
  };
  const clientId = text('client_id');
  if (!CLIENT_ID.test(clientId)) return bad('client_id', 'names no program');
  const redirectUri = text('redirect_uri');
  if (!isRedirectUri(redirectUri)) {
    return bad('redirect_uri', 'must be https, a loopback address or a scheme of the program, without a fragment');
  }
  const state = text('state');
  const answer = (error: string) => refused(redirectUri, error, state.length <= STATE_LENGTH_MAX ? state : '');
  if (Object.values(query).some((value) => typeof value !== 'string') || state.length > STATE_LENGTH_MAX) {
    return answer('invalid_request');
  }
  if (text('response_type') !== 'code') return answer('unsupported_response_type');
  // Absent means `plain` (RFC 7636 section 4.3), which is no protection from who reads the request.
  if (text('code_challenge_method') !== 'S256' || !CHALLENGE.test(text('code_challenge'))) {
    return answer('invalid_request');
  }
  const scopes = parseScopes(text('scope'));
  if (scopes === null) return answer('invalid_scope');
  const challenge = text('code_challenge');
  return { kind: 'good', request: { clientId, redirectUri, challenge, scopes, state: state === '' ? null : state } };
}

/** Where the browser goes with an answer. */
export function redirectWith(redirectUri: string, answer: Readonly<Record<string, string>>): string {
  const query = Object.entries(answer).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query.join('&')}`;
}

function isRedirectUri(uri: string): boolean {
  if (uri.length > REDIRECT_LENGTH_MAX || !/^[\x21-\x7e]+$/.test(uri) || /[#\\@]/.test(uri)) return false;
  return LOOPBACK.test(uri) || WEB.test(uri) || OWN_SCHEME.test(uri);
}

function bad(field: string, reason: string): ReadAuthorizeRequest {
  return { kind: 'bad', field, reason };
}

function refused(redirectUri: string, error: string, state: string): ReadAuthorizeRequest {
  return { kind: 'refused', redirectTo: redirectWith(redirectUri, state === '' ? { error } : { error, state }) };
}
