/**
 * The caller's session beyond what the Web API knows: its context page by page, and its queue by the names of its entries.
 * Spec sections 5.6 and 10.5.
 */
import type { FastifyInstance } from 'fastify';
import type { CatalogueReader } from '#bridge/core/ports/catalogue';
import type { Household } from '#bridge/core/ports/household';
import { currentTrackOf, nextEntries, type QueueEntry } from '#bridge/core/relay/next-tracks';
import { summaryOf } from '#bridge/core/relay/track-summaries';
import { contextUid } from '#protocol/kit/queue-uid';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import type { TrackSummary } from '#protocol/wire/household';
import { parseValue } from '#protocol/wire/schema';
import { callerOf } from './callers.ts';
import type { CommandDoor } from './command-door.ts';
import { bodyOf, queryOf, unwrap } from './request-parts.ts';
import {
  queueAddBody,
  queueMoveBody,
  queueRemoveQuery,
  sessionDeviceQuery,
  sessionPageQuery,
  sessionQueueQuery,
  uidsSchema,
} from './session-inputs.ts';

const QUEUE = '/tonearm/v1/session/queue';
const READS = { config: { scopes: ['user-read-playback-state'] } } as const;
const MODIFIES = { config: { scopes: ['user-modify-playback-state'] } } as const;

export interface SessionRoutesPorts {
  readonly household: Household;
  readonly catalogue: Pick<CatalogueReader, 'tracks'>;
  readonly command: CommandDoor;
}

export function addSessionRoutes(app: FastifyInstance, ports: SessionRoutesPorts): void {
  addViews(app, ports);
  const { command } = ports;
  app.post(QUEUE, MODIFIES, async (request, reply) => {
    const { device_id: speakerId = null } = queryOf(sessionDeviceQuery, request);
    const { trackIds, isNext = false } = bodyOf(queueAddBody, request);
    const known = await summariesOf(ports, trackIds);
    const missing = trackIds.findIndex((id) => !known.has(id));
    if (missing >= 0) {
      const field = `trackIds.${missing}`;
      throw new TonearmError('catalogue.not-found', `what "${field}" names is not in the library`, { field });
    }
    await command.perform(request, { kind: 'queueAdd', speakerId, trackIds, isNext });
    return reply.code(204).send();
  });
  app.patch(QUEUE, MODIFIES, async (request, reply) => {
    const { device_id: speakerId = null } = queryOf(sessionDeviceQuery, request);
    const { uid, after } = bodyOf(queueMoveBody, request);
    await command.perform(request, { kind: 'queueMove', speakerId, uid, after });
    return reply.code(204).send();
  });
  app.delete(QUEUE, MODIFIES, async (request, reply) => {
    const { device_id: speakerId = null, uids } = queryOf(queueRemoveQuery, request);
    if (uids === undefined) await command.perform(request, { kind: 'queueClear', speakerId });
    else {
      const named = unwrap(parseValue(uidsSchema, uids.split(','), 'query uids'));
      await command.perform(request, { kind: 'queueRemove', speakerId, uids: named });
    }
    return reply.code(204).send();
  });
}

function addViews(app: FastifyInstance, ports: SessionRoutesPorts): void {
  const { household } = ports;
  app.get('/tonearm/v1/session/tracks', READS, async (request) => {
    const { offset, limit } = queryOf(sessionPageQuery, request);
    const queue = household.session(callerOf(request).accountId)?.queue;
    const ids = queue?.trackIds.slice(offset, offset + limit) ?? [];
    const entries = ids.map((trackId, place) => ({ trackId, uid: contextUid(offset + place) }));
    const items = await show(ports, entries);
    return { items, offset, limit, total: queue?.trackIds.length ?? 0, index: queue?.index ?? 0 };
  });
  app.get(QUEUE, READS, async (request) => {
    const { limit } = queryOf(sessionQueueQuery, request);
    const session = household.session(callerOf(request).accountId);
    if (session === null) return { current: null, items: [] };
    const current = currentTrackOf(session);
    const known = await summariesOf(ports, current === null ? [] : [current]);
    const items = await show(ports, nextEntries(session, limit));
    return { current: current === null ? null : (known.get(current) ?? null), items };
  });
}

/** Those whose track is gone from the library are left out, as in every view. */
async function show(ports: SessionRoutesPorts, entries: readonly QueueEntry[]) {
  const ids = entries.map(({ trackId }) => trackId);
  const known = await summariesOf(ports, ids);
  return entries.flatMap(({ trackId, uid }) => {
    const track = known.get(trackId);
    return track === undefined ? [] : [{ uid, track }];
  });
}

async function summariesOf(
  { catalogue }: SessionRoutesPorts,
  ids: readonly TrackId[],
): Promise<ReadonlyMap<TrackId, TrackSummary>> {
  if (ids.length === 0) return new Map();
  const tracks = await catalogue.tracks([...new Set(ids)]);
  return new Map(tracks.map((track) => [track.id, summaryOf(track)]));
}
