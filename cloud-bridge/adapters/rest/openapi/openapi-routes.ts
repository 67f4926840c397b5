/** `GET /openapi.json`: every route of this bridge, described. Looks on while the others are added, so it comes first. */
import type { FastifyInstance } from 'fastify';
import { accountNotes } from './account-notes.ts';
import { catalogueNotes } from './catalogue-notes.ts';
import { firmwareNotes } from './firmware-notes.ts';
import { houseNotes } from './house-notes.ts';
import { createOpenApi, type KnownRoute } from './openapi-document.ts';
import { pairingNotes } from './pairing-notes.ts';
import { playerNotes } from './player-notes.ts';
import type { RouteNotes } from './route-notes.ts';
import { serviceNotes } from './service-notes.ts';
import { sessionNotes } from './session-notes.ts';
import { speakerNotes } from './speaker-notes.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A file of the page: no door, and not described. */
    readonly isPageFile?: boolean;
  }
}

/** Of every route; one without a note is described by what the server knows of it. */
export const ROUTE_NOTES: RouteNotes = {
  ...playerNotes,
  ...catalogueNotes,
  ...houseNotes,
  ...accountNotes,
  ...pairingNotes,
  ...speakerNotes,
  ...firmwareNotes,
  ...serviceNotes,
  ...sessionNotes,
};

/** @returns the routes that were added since */
export function describeRoutes(app: FastifyInstance, version: string): () => readonly KnownRoute[] {
  const known: KnownRoute[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.isPageFile === true) return;
    const scopes = config?.isPublic === true ? null : (config?.scopes ?? []);
    // The server adds a HEAD to each GET; it says nothing that GET does not.
    const methods = [method].flat().filter((it) => it !== 'HEAD');
    known.push(...methods.map((it) => ({ method: it, url, scopes })));
  });
  let text: string | null = null;
  app.get('/openapi.json', { config: { isPublic: true } }, async (_request, reply) => {
    text ??= JSON.stringify(createOpenApi(known, ROUTE_NOTES, version));
    return reply
      .header('content-type', 'application/json; charset=utf-8')
      .header('cache-control', 'no-cache')
      .send(text);
  });
  return () => known;
}
