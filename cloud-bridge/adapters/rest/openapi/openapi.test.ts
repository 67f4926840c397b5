import { Validator } from '@seriousme/openapi-schema-validator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type * as z from 'zod/mini';
import { frames, ms } from '#protocol/vocabulary/units';
import { KITCHEN } from '#sim/relay/recording-household';
import { ALBUM_ID, ARTIST, benchTrackId, PLAYLIST, RestBench } from '#sim/relay/rest-bench';
import { ROUTE_NOTES } from './openapi-routes.ts';

let bench: RestBench;
beforeEach(() => {
  bench = new RestBench();
});
afterEach(() => bench.close());

const HOST = { host: 'localhost:4747' };

interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}
interface Operation {
  readonly security: unknown;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: { readonly properties: object } }> };
}

async function fetchDocument(): Promise<Document> {
  const answer = await bench.door.app.inject({ url: '/openapi.json', headers: HOST });
  expect(answer.statusCode).toBe(200);
  return answer.json();
}

/** `├── /v1/tracks (GET, HEAD)` of the server's own drawing of its routes, in which children stand below their beginnings. */
function serversRoutes(): string[] {
  const above: string[] = [];
  return bench.door.app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const match = /^([│├└─\s]*)([^\s(]+)(?: \(([A-Z, ]+)\))?$/.exec(line);
      if (match === null) return [];
      const [, branch = '', part = '', methods] = match;
      const depth = branch.length / 4;
      above.length = depth;
      above.push(part);
      const url = above.join('').replace(/(?<=.)\/$/, '');
      return (methods ?? '').split(', ').flatMap((method) => (method === '' ? [] : [`${method} ${url}`]));
    });
}

describe('the description of the routes', () => {
  it('is OpenAPI 3.1', async () => {
    const result = await new Validator().validate(JSON.parse(JSON.stringify(await fetchDocument())));
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
  });

  it('has every route that the server has, but for the page and what HEAD says of GET', async () => {
    const { paths } = await fetchDocument();
    const told = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    const had = new Set(serversRoutes().filter((route) => !/^HEAD |^GET \/(?:app\.js)?$|^OPTIONS /.test(route)));
    expect(had.size).toBeGreaterThan(50);
    expect(told.sort()).toEqual([...had].sort());
  });

  it('says of every route what it is for, and nothing of routes that are not there', () => {
    const had = new Set(serversRoutes());
    expect(Object.keys(ROUTE_NOTES).filter((route) => !had.has(route))).toEqual([]);
    const plain = [...had].filter((route) => !/^HEAD |^GET \/(?:app\.js)?$/.test(route));
    expect(plain.filter((route) => ROUTE_NOTES[route] === undefined)).toEqual([]);
  });

  it('says how input is written, as the schemas that check it have it', async () => {
    const { paths } = await fetchDocument();
    const volume = paths['/v1/me/player/volume']?.['put'];
    expect(volume?.parameters).toContainEqual({
      name: 'volume_percent',
      in: 'query',
      required: true,
      schema: { type: 'integer', minimum: 0, maximum: 100 },
    });
    const play = paths['/v1/me/player/play']?.['put']?.requestBody?.content['application/json']?.schema.properties;
    expect(Object.keys(play ?? {})).toEqual(['context_uri', 'uris', 'offset', 'position_ms', 'positionMs']);
    expect(paths['/tonearm/v1/health']?.['get']?.security).toEqual([]);
  });
});

describe('answers are as they are described', () => {
  it.each([
    ['/v1/me', '/v1/me'],
    ['/v1/me/player', '/v1/me/player'],
    ['/v1/me/player/devices', '/v1/me/player/devices'],
    ['/v1/me/player/queue', '/v1/me/player/queue'],
    ['/v1/me/player/recently-played', '/v1/me/player/recently-played'],
    ['/v1/search', '/v1/search?q=e&type=track,album,artist,playlist'],
    ['/v1/tracks', `/v1/tracks?ids=${benchTrackId(1)},${'9'.repeat(22)}`],
    ['/v1/tracks/:id', `/v1/tracks/${benchTrackId(1)}`],
    ['/v1/albums', `/v1/albums?ids=${ALBUM_ID}`],
    ['/v1/albums/:id', `/v1/albums/${ALBUM_ID}`],
    ['/v1/albums/:id/tracks', `/v1/albums/${ALBUM_ID}/tracks?limit=1&offset=1`],
    ['/v1/artists', `/v1/artists?ids=${ARTIST.id}`],
    ['/v1/artists/:id', `/v1/artists/${ARTIST.id}`],
    ['/v1/artists/:id/albums', `/v1/artists/${ARTIST.id}/albums`],
    ['/v1/artists/:id/top-tracks', `/v1/artists/${ARTIST.id}/top-tracks`],
    ['/v1/me/tracks', '/v1/me/tracks'],
    ['/v1/me/albums', '/v1/me/albums'],
    ['/v1/me/library/contains', `/v1/me/library/contains?uris=x:album:${ALBUM_ID}`],
    ['/v1/me/playlists', '/v1/me/playlists'],
    ['/v1/playlists/:id', `/v1/playlists/${PLAYLIST.id}`],
    ['/v1/playlists/:id/items', `/v1/playlists/${PLAYLIST.id}/items`],
    ['/tonearm/v1/health', '/tonearm/v1/health'],
    ['/tonearm/v1/household', '/tonearm/v1/household'],
    ['/tonearm/v1/ingest', '/tonearm/v1/ingest'],
    ['/tonearm/v1/check', '/tonearm/v1/check'],
    ['/tonearm/v1/tracks/:id/availability', `/tonearm/v1/tracks/${benchTrackId(1)}/availability`],
  ])('GET %s', async (path, url) => {
    playSomething();
    const schema = ROUTE_NOTES[`GET ${path}`]?.answers[200] as z.ZodMiniType;
    const answer = await bench.door.app.inject({ url, headers: HOST });
    expect(answer.statusCode).toBe(200);
    // Nothing is left out by reading it with the schema: no field is told that is not described.
    expect(schema.parse(answer.json())).toEqual(answer.json());
  });
});

function playSomething(): void {
  const { household } = bench;
  const id = benchTrackId(1);
  const summary = { id, uri: '', title: '', artists: [], album: '', albumUri: '', durationMs: ms(1), artPath: null };
  const session = { ...household.shown.session, activeSpeakerId: KITCHEN, track: summary };
  household.shown = { ...household.shown, session: { ...session, playback: 'playing' } };
  household.shownSession = {
    playback: { kind: 'playing', trackId: id, positionFrames: frames(1), durationFrames: frames(2) },
    queue: { contextUri: null, trackIds: [id, benchTrackId(2)], index: 0, upNext: [], interlude: null },
    shuffleSeed: null,
    repeat: 'off',
    problem: null,
  };
  household.played = [{ trackId: id, playedAtMs: 2_000, contextUri: `tonearm:album:${ALBUM_ID}` }];
}
