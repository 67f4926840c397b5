/** Our own routes: the household as phones see it, ingest, pictures. */
import type { FastifyInstance } from 'fastify';
import type { ArtReader } from '#bridge/core/ports/content';
import type { Household } from '#bridge/core/ports/household';
import type { IngestControl } from '#bridge/core/ports/ingest-control';
import { callerOf } from './callers.ts';
import { artParams, changesQuery, ingestBody, showingBody } from './library-inputs.ts';
import { bodyOf, paramsOf, queryOf, unwrap } from './request-parts.ts';

/** Pictures never change under their key; a day is what a phone's cache is worth. */
const ART_CACHE = 'public, max-age=86400, immutable';
/** A picture from somebody's music file is a stranger's: nothing in it may run. */
const ART_POLICY = "default-src 'none'; sandbox";

const STATE = { config: { scopes: ['user-read-playback-state'] } } as const;
const MODIFIES = { config: { scopes: ['user-modify-playback-state'] } } as const;
const LIBRARY = { config: { scopes: ['tonearm-library'] } } as const;

export interface HouseRoutesPorts {
  readonly household: Household;
  readonly ingest: IngestControl;
  readonly art: ArtReader;
}

export interface HouseRoutesOptions {
  readonly name: string;
  readonly version: string;
}

export function addHouseRoutes(app: FastifyInstance, ports: HouseRoutesPorts, options: HouseRoutesOptions): void {
  const { household, ingest } = ports;
  app.get('/tonearm/v1/health', { config: { isPublic: true } }, async () => ({
    status: 'ok',
    name: options.name,
    version: options.version,
  }));
  app.get('/tonearm/v1/household', STATE, async (request) => household.view(callerOf(request).accountId));
  app.put('/tonearm/v1/showing', MODIFIES, async (request, reply) => {
    household.showing(callerOf(request).accountId, bodyOf(showingBody, request).trackIds);
    return reply.code(204).send();
  });
  app.get('/tonearm/v1/ingest', STATE, async () => ingest.view());
  app.post('/tonearm/v1/ingest', LIBRARY, async (request, reply) => {
    const { folder } = bodyOf(ingestBody, request);
    unwrap(await ingest.begin(folder));
    return reply.code(202).send(ingest.view());
  });
  app.get('/tonearm/v1/library/changes', LIBRARY, async (request) => {
    const { after } = queryOf(changesQuery, request);
    const changes = ingest.changes();
    return { items: changes.after(after), last: changes.last() };
  });
  app.get('/tonearm/v1/art/:key', async (request, reply) => {
    const { key } = paramsOf(artParams, request);
    const { mediaType, bytes } = unwrap(await ports.art.art(key));
    return reply
      .header('content-type', mediaType)
      .header('cache-control', ART_CACHE)
      .header('content-security-policy', ART_POLICY)
      .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  });
}
