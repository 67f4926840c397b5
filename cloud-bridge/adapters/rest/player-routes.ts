/**
 * The player of the Web API: its routes, bodies and status codes, so that client libraries made for it work with
 * another base URL. Commands answer 204 once the speaker has answered.
 */
import type { FastifyInstance } from 'fastify';
import type { CatalogueReader } from '#bridge/core/ports/catalogue';
import type { Household } from '#bridge/core/ports/household';
import type { PlaylistReader } from '#bridge/core/ports/playlists';
import { parseMusicUri } from '#bridge/core/views/music-uri';
import { planPlay } from '#bridge/core/views/play-plan';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { CommandDoor } from './command-door.ts';
import {
  deviceQuery,
  enqueueQuery,
  playBody,
  repeatQuery,
  seekQuery,
  shuffleQuery,
  transferBody,
  volumeQuery,
} from './player-inputs.ts';
import { bodyOf, queryOf, unwrap } from './request-parts.ts';

const MODIFIES = { config: { scopes: ['user-modify-playback-state'] } } as const;

export interface PlayerRoutesPorts {
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly household: Household;
  readonly catalogue: CatalogueReader;
  readonly playlists: PlaylistReader;
  readonly command: CommandDoor;
}

export function addPlayerCommands(app: FastifyInstance, ports: PlayerRoutesPorts): void {
  const { command } = ports;
  addPlay(app, ports);
  app.put('/v1/me/player', MODIFIES, async (request, reply) => {
    const { device_ids: ids, play } = bodyOf(transferBody, request);
    const [speakerId] = ids;
    if (speakerId === undefined) throw new Error('the schema asks for one');
    // `play: false` means "as it is now" there, not "pause".
    await command.perform(request, { kind: 'transfer', speakerId, isPlaying: play === true ? true : undefined });
    return reply.code(204).send();
  });
  for (const [method, kind] of [
    ['PUT', 'pause'],
    ['POST', 'next'],
    ['POST', 'previous'],
  ] as const) {
    app.route({
      method,
      url: `/v1/me/player/${kind}`,
      ...MODIFIES,
      handler: async (request, reply) => {
        const { device_id: speakerId = null } = queryOf(deviceQuery, request);
        await command.perform(request, { kind, speakerId });
        return reply.code(204).send();
      },
    });
  }
  app.put('/v1/me/player/seek', MODIFIES, async (request, reply) => {
    const { device_id: speakerId = null, position_ms: position } = queryOf(seekQuery, request);
    await command.perform(request, { kind: 'seek', speakerId, positionMs: ms(position) });
    return reply.code(204).send();
  });
  app.put('/v1/me/player/repeat', MODIFIES, async (request, reply) => {
    const { device_id: speakerId = null, state: mode } = queryOf(repeatQuery, request);
    await command.perform(request, { kind: 'setRepeat', speakerId, mode });
    return reply.code(204).send();
  });
  app.put('/v1/me/player/shuffle', MODIFIES, async (request, reply) => {
    const { device_id: speakerId = null, state: isOn } = queryOf(shuffleQuery, request);
    await command.perform(request, { kind: 'setShuffle', speakerId, isOn });
    return reply.code(204).send();
  });
  app.put('/v1/me/player/volume', MODIFIES, async (request, reply) => {
    const { device_id: speakerId = null, volume_percent: volume } = queryOf(volumeQuery, request);
    await command.perform(request, { kind: 'setVolume', speakerId, volume });
    return reply.code(204).send();
  });
  addEnqueue(app, ports);
}

function addEnqueue(app: FastifyInstance, { command, catalogue }: PlayerRoutesPorts): void {
  app.post('/v1/me/player/queue', MODIFIES, async (request, reply) => {
    const { device_id: speakerId = null, uri: text } = queryOf(enqueueQuery, request);
    const uri = parseMusicUri(text);
    if (uri?.kind !== 'track') throw invalid('uri', 'names no track');
    unwrap(await catalogue.track(uri.id));
    await command.perform(request, { kind: 'enqueue', speakerId, trackId: uri.id });
    return reply.code(204).send();
  });
}

function addPlay(app: FastifyInstance, { command, catalogue, playlists }: PlayerRoutesPorts): void {
  app.put('/v1/me/player/play', MODIFIES, async (request, reply) => {
    const { device_id: speakerId = null } = queryOf(deviceQuery, request);
    const body = bodyOf(playBody, request);
    const position: Ms | null = body.position_ms ?? body.positionMs ?? null;
    const contextUri = body.context_uri ?? undefined;
    const uris = body.uris ?? undefined;
    const offset = body.offset ?? undefined;
    if (contextUri === undefined && uris === undefined) {
      if (offset !== undefined) throw invalid('offset', 'is a place in a context_uri or in uris, and there is neither');
      await command.perform(request, { kind: 'resume', speakerId });
      if (position !== null) await command.followUp(request, { kind: 'seek', speakerId, positionMs: position });
      return reply.code(204).send();
    }
    if (contextUri !== undefined && uris !== undefined) throw invalid('uris', 'and context_uri exclude each other');
    const plan = unwrap(await planPlay(catalogue, { contextUri, uris, offset }, playlists));
    await command.perform(request, { kind: 'play', speakerId, ...plan, positionMs: position ?? ms(0) });
    return reply.code(204).send();
  });
}

function invalid(field: string, what: string): TonearmError {
  return new TonearmError('input.invalid', `field "${field}" ${what}`, { field });
}
