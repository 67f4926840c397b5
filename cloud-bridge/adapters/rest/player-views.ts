/** What the Web API's player shows: state, devices, queue, history. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Track } from '#bridge/core/ports/catalogue';
import { currentTrackOf, nextTracks } from '#bridge/core/relay/next-tracks';
import { viewTrack } from '#bridge/core/views/web-api-catalogue';
import { chooseHistory, viewDevices, viewHistory, viewPlayerState, viewQueue } from '#bridge/core/views/web-api-player';
import type { TrackId } from '#protocol/vocabulary/ids';
import { NEXT_SHOWN_MAX } from '#protocol/wire/household';
import { callerOf } from './callers.ts';
import { historyQuery } from './player-inputs.ts';
import type { PlayerRoutesPorts } from './player-routes.ts';
import { baseUrlOf, queryOf } from './request-parts.ts';

const STATE = { config: { scopes: ['user-read-playback-state'] } } as const;
const CURRENT = { config: { scopes: ['user-read-currently-playing'] } } as const;
const QUEUE = { config: { scopes: ['user-read-currently-playing', 'user-read-playback-state'] } } as const;
const HISTORY = { config: { scopes: ['user-read-recently-played'] } } as const;

export function addPlayerViews(app: FastifyInstance, ports: PlayerRoutesPorts): void {
  const { household, clock } = ports;
  const showState = async (request: FastifyRequest, reply: FastifyReply) => {
    const base = baseUrlOf(request);
    const snapshot = household.view(callerOf(request).accountId);
    const [track] = await findTracks(ports, snapshot.session.track === null ? [] : [snapshot.session.track.id]);
    const state = viewPlayerState(base, snapshot, track === undefined ? null : viewTrack(base, track), clock.wallMs());
    return state === null ? reply.code(204).send() : reply.send(state);
  };
  app.get('/v1/me/player', STATE, showState);
  app.get('/v1/me/player/currently-playing', CURRENT, showState);
  app.get('/v1/me/player/devices', STATE, async (request) => viewDevices(household.view(callerOf(request).accountId)));
  app.get('/v1/me/player/queue', QUEUE, async (request) => {
    const base = baseUrlOf(request);
    const session = household.session(callerOf(request).accountId);
    const current = session === null ? null : currentTrackOf(session);
    const next = session === null ? [] : nextTracks(session, NEXT_SHOWN_MAX);
    const byId = await tracksById(ports, current === null ? next : [current, ...next]);
    const show = (id: TrackId) => byId.get(id) ?? [];
    const shown = [...(current === null ? [] : [current])].flatMap(show).map((track) => viewTrack(base, track))[0];
    return viewQueue(
      shown ?? null,
      next.flatMap(show).map((track) => viewTrack(base, track)),
    );
  });
  app.get('/v1/me/player/recently-played', HISTORY, async (request) => {
    const base = baseUrlOf(request);
    const { limit, before, after } = queryOf(historyQuery, request);
    const wanted = {
      limit,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    };
    const entries = chooseHistory(household.recentlyPlayed(callerOf(request).accountId), wanted);
    const byId = await tracksById(
      ports,
      entries.map((played) => played.trackId),
    );
    const shown = entries.flatMap((played) => {
      const track = byId.get(played.trackId);
      return track === undefined ? [] : [{ played, track: viewTrack(base, track) }];
    });
    return viewHistory(base, shown, wanted);
  });
}

async function tracksById(ports: PlayerRoutesPorts, ids: readonly TrackId[]): Promise<Map<TrackId, Track>> {
  const tracks = await findTracks(ports, [...new Set(ids)]);
  return new Map(tracks.map((track) => [track.id, track]));
}

async function findTracks(ports: PlayerRoutesPorts, ids: readonly TrackId[]): Promise<readonly Track[]> {
  return ids.length === 0 ? [] : ports.catalogue.tracks(ids);
}
