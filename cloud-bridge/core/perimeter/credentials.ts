/** What a request's headers say of who sent it; nothing of it is believed here. */
import type { Credentials } from '../ports/callers.ts';

/** The page's own cookie. */
export const SESSION_COOKIE = 'tonearm_session';
const TOKEN_LENGTH_MAX = 4_096;

/** As an HTTP server gives them. */
export interface CredentialHeaders {
  readonly authorization?: string | undefined;
  readonly cookie?: string | undefined;
}

/** @param headers of an HTTP request, a WebSocket's upgrade among them */
export function credentialsOf(headers: CredentialHeaders): Credentials {
  return { bearer: bearerOf(headers.authorization), cookie: cookieOf(headers.cookie) };
}

function bearerOf(header: string | undefined): string | null {
  const found = /^bearer +([^ ]+) *$/i.exec(header ?? '')?.[1];
  return found === undefined || found.length > TOKEN_LENGTH_MAX ? null : found;
}

function cookieOf(header: string | undefined): string | null {
  for (const part of (header ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === SESSION_COOKIE && value !== undefined && value.length <= TOKEN_LENGTH_MAX) return value;
  }
  return null;
}
