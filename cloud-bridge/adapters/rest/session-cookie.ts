/** The page's cookie: out of reach of scripts and of other sites, and over TLS alone where there is TLS. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SESSION_COOKIE } from '#bridge/core/perimeter/credentials';
import { GRANT_LIFE_MS } from '#bridge/core/services/accounts/grants';

const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Strict';

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, secret: string): void {
  write(request, reply, `${SESSION_COOKIE}=${secret}; Max-Age=${GRANT_LIFE_MS / 1_000}`);
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  write(request, reply, `${SESSION_COOKIE}=; Max-Age=0`);
}

function write(request: FastifyRequest, reply: FastifyReply, cookie: string): void {
  const secure = request.protocol === 'https' ? '; Secure' : '';
  reply.header('set-cookie', `${cookie}; ${ATTRIBUTES}${secure}`).header('cache-control', 'no-store');
}
