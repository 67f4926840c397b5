/** What a request's headers say of who sent it; nothing of it is believed here. */
import type { Credentials } from '../ports/callers.ts';

/** The page's own cookie. */
export const SESSION_COOKIE = 'tonearm_session';
/**
 * The same where the page came by TLS. A name of its own, since a browser lets no page without TLS set (or even replace) a
 * cookie that was set with it; the prefix has the browser see to it that no other machine of the domain set it (RFC 6265bis).
 */
export const SECURE_SESSION_COOKIE = '__Host-tonearm_session';
/** Before the token, in `Sec-WebSocket-Protocol`. */
export const BEARER_SUBPROTOCOL = 'tonearm.bearer.';
const TOKEN_LENGTH_MAX = 4_096;

/** As an HTTP server gives them. */
export interface CredentialHeaders {
  readonly authorization?: string | undefined;
  readonly cookie?: string | undefined;
  readonly 'sec-websocket-protocol'?: string | undefined;
}

/** @param headers of an HTTP request, a WebSocket's upgrade among them */
export function credentialsOf(headers: CredentialHeaders): Credentials {
  const bearer = bearerOf(headers.authorization) ?? offeredBearerOf(headers['sec-websocket-protocol']);
  return { bearer, cookie: cookieOf(headers.cookie) };
}

function bearerOf(header: string | undefined): string | null {
  const found = /^bearer +([^ ]+) *$/i.exec(header ?? '')?.[1];
  return found === undefined || found.length > TOKEN_LENGTH_MAX ? null : found;
}

/** Scripts in browsers can set no header of a WebSocket but the subprotocols that they offer: one carries the token. */
function offeredBearerOf(header: string | undefined): string | null {
  for (const offered of (header ?? '').split(',')) {
    const token = offered.trim();
    if (!token.startsWith(BEARER_SUBPROTOCOL)) continue;
    return token.length > BEARER_SUBPROTOCOL.length + TOKEN_LENGTH_MAX ? null : token.slice(BEARER_SUBPROTOCOL.length);
  }
  return null;
}

function cookieOf(header: string | undefined): string | null {
  const pairs = (header ?? '').split(';').map((part) => part.trim().split('=', 2));
  const value = (wanted: string) => pairs.find(([name]) => name === wanted)?.[1];
  const found = value(SECURE_SESSION_COOKIE) ?? value(SESSION_COOKIE);
  return found === undefined || found.length > TOKEN_LENGTH_MAX ? null : found;
}
