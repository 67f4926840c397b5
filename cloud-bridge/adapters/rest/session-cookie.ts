/** The page's cookie: out of reach of scripts and of other sites, and over TLS alone where there is TLS. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SECURE_SESSION_COOKIE, SESSION_COOKIE } from '#bridge/core/perimeter/credentials';
import { GRANT_LIFE_MS } from '#bridge/core/services/accounts/grants';

const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Strict';

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, secret: string): void {
  write(request, reply, `${secret}; Max-Age=${GRANT_LIFE_MS / 1_000}`);
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  write(request, reply, '; Max-Age=0');
}

function write(request: FastifyRequest, reply: FastifyReply, value: string): void {
  const isSecure = request.protocol === 'https';
  const cookie = `${isSecure ? SECURE_SESSION_COOKIE : SESSION_COOKIE}=${value}`;
  reply
    .header('set-cookie', `${cookie}; ${ATTRIBUTES}${isSecure ? '; Secure' : ''}`)
    .header('cache-control', 'no-store');
}
