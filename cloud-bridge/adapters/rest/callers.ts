/**
 * Who sent a request: found out once, before any route runs, and asked for by the routes. A route names the scopes that
 * it wants in its config; one that names none may be asked by anybody who is signed in.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { credentialsOf } from '#bridge/core/perimeter/credentials';
import type { Caller, CallerCheck, Scope } from '#bridge/core/ports/callers';
import { TonearmError } from '#protocol/vocabulary/errors';
import { unwrap } from './request-parts.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** All of these are needed; none: any signed-in caller. */
    readonly scopes?: readonly Scope[];
    /** For everybody: the page's files, signing in, content that brings its own token. */
    readonly isPublic?: boolean;
  }
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** @throws a bug on a public route, which knows nobody */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error('a public route asks who is there');
  return caller;
}

/** Refuses with `access.sign-in-needed` or `access.scope-missing` before a route runs. */
export function askWho(app: FastifyInstance, check: CallerCheck): void {
  app.addHook('onRequest', async (request) => {
    const { isPublic, scopes } = request.routeOptions.config;
    if (isPublic === true) return;
    const caller = unwrap(await check.identify(credentialsOf(request.headers)));
    const missing = scopes?.find((scope) => !caller.scopes.has(scope));
    if (missing !== undefined) {
      throw new TonearmError('access.scope-missing', `this needs the scope ${missing}`, { field: 'scope' });
    }
    callers.set(request, caller);
  });
}
