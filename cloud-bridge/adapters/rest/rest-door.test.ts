import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REQUESTS_BURST_MAX } from '#bridge/core/perimeter/address-budget';
import { TonearmError } from '#protocol/vocabulary/errors';
import { refused } from '#protocol/vocabulary/result';
import { frames, ms } from '#protocol/vocabulary/units';
import { KITCHEN } from '#sim/relay/recording-household';
import { ALBUM_ID, benchTrackId, RestBench } from '#sim/relay/rest-bench';
import { BODY_BYTES_MAX } from './http-limits.ts';

let bench: RestBench;
beforeEach(() => {
  bench = new RestBench();
});
afterEach(() => bench.close());

type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE' | 'HEAD';

function call(method: Method, url: string, body?: unknown, headers = {}): Promise<LightMyRequestResponse> {
  const payload = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const all = { host: 'localhost:4747', ...headers };
  return bench.door.app.inject({ method, url, headers: all, ...(payload === undefined ? {} : { payload }) });
}

const PLAYER = '/v1/me/player';
const TRACKS = [1, 2, 3].map(benchTrackId);

describe('player commands', () => {
  const kitchen = { speakerId: KITCHEN };
  const nobody = { speakerId: null };
  it.each<[Method, string, unknown, readonly object[]]>([
    ['PUT', '/pause', undefined, [{ kind: 'pause', ...nobody }]],
    ['PUT', `/pause?device_id=${KITCHEN}`, '', [{ kind: 'pause', ...kitchen }]],
    ['PUT', '/pause?device_id=', undefined, [{ kind: 'pause', ...nobody }]],
    ['POST', '/next', undefined, [{ kind: 'next', ...nobody }]],
    ['POST', `/previous?device_id=${KITCHEN}`, undefined, [{ kind: 'previous', ...kitchen }]],
    ['PUT', '/seek?position_ms=12345', undefined, [{ kind: 'seek', ...nobody, positionMs: 12_345 }]],
    ['PUT', '/repeat?state=context', undefined, [{ kind: 'setRepeat', ...nobody, mode: 'context' }]],
    ['PUT', '/shuffle?state=true', undefined, [{ kind: 'setShuffle', ...nobody, isOn: true }]],
    ['PUT', '/shuffle?state=false', undefined, [{ kind: 'setShuffle', ...nobody, isOn: false }]],
    ['PUT', '/volume?volume_percent=0', undefined, [{ kind: 'setVolume', ...nobody, volume: 0 }]],
    [
      'PUT',
      `/volume?volume_percent=100&device_id=${KITCHEN}`,
      undefined,
      [{ kind: 'setVolume', ...kitchen, volume: 100 }],
    ],
    ['POST', `/queue?uri=x:track:${TRACKS[1]}`, undefined, [{ kind: 'enqueue', ...nobody, trackId: TRACKS[1] }]],
    ['PUT', '', { device_ids: [KITCHEN] }, [{ kind: 'transfer', ...kitchen, isPlaying: undefined }]],
    ['PUT', '', { device_ids: [KITCHEN], play: true }, [{ kind: 'transfer', ...kitchen, isPlaying: true }]],
    ['PUT', '', { device_ids: [KITCHEN], play: false }, [{ kind: 'transfer', ...kitchen, isPlaying: undefined }]],
    ['PUT', '/play', undefined, [{ kind: 'resume', ...nobody }]],
    ['PUT', '/play', '', [{ kind: 'resume', ...nobody }]],
    ['PUT', `/play?device_id=${KITCHEN}`, {}, [{ kind: 'resume', ...kitchen }]],
    [
      'PUT',
      '/play',
      { position_ms: 7 },
      [
        { kind: 'resume', ...nobody },
        { kind: 'seek', ...nobody, positionMs: 7 },
      ],
    ],
    [
      'PUT',
      `/play?device_id=${KITCHEN}`,
      { context_uri: `spotify:album:${ALBUM_ID}`, offset: { position: 2 }, positionMs: 9 },
      [
        {
          ...{ kind: 'play', ...kitchen, contextUri: `tonearm:album:${ALBUM_ID}` },
          ...{ trackIds: TRACKS, index: 2, positionMs: 9 },
        },
      ],
    ],
    [
      'PUT',
      '/play',
      { context_uri: 'tonearm:library', uris: null, offset: { uri: `tonearm:track:${TRACKS[1]}` } },
      [{ kind: 'play', ...nobody, contextUri: 'tonearm:library', trackIds: TRACKS, index: 1, positionMs: 0 }],
    ],
    [
      'PUT',
      '/play',
      { uris: [`tonearm:track:${TRACKS[2]}`], position_ms: 3 },
      [{ kind: 'play', ...nobody, contextUri: null, trackIds: [TRACKS[2]], index: 0, positionMs: 3 }],
    ],
  ])('%s %s %j', async (method, path, body, requests) => {
    const answer = await call(method, PLAYER + path, body, { 'content-type': 'application/json' });
    expect(answer.body).toBe('');
    expect(answer.statusCode).toBe(204);
    expect(bench.household.requests).toEqual(requests);
  });

  it('take any token, and any content type', async () => {
    const headers = { authorization: 'Bearer whatever', 'content-type': 'text/plain' };
    expect((await call('PUT', `${PLAYER}/play`, { context_uri: 'x:library' }, headers)).statusCode).toBe(204);
  });

  it('with an idempotency key are asked under it, and otherwise under ids of their own', async () => {
    for (const key of ['same-key-1234', 'same-key-1234', undefined, undefined]) {
      await call('POST', `${PLAYER}/next`, undefined, key === undefined ? {} : { 'idempotency-key': key });
    }
    const ids = bench.household.options.map((options) => options.commandId);
    expect(ids.slice(0, 2)).toEqual(['same-key-1234', 'same-key-1234']);
    expect(new Set(ids).size).toBe(3);
    expect((await call('POST', `${PLAYER}/next`, undefined, { 'idempotency-key': 'a b' })).statusCode).toBe(400);
  });

  it.each([
    ['session.no-active-speaker', 404, 'NO_ACTIVE_DEVICE', undefined],
    ['session.speaker-not-found', 404, 'DEVICE_NOT_CONTROLLABLE', undefined],
    ['session.no-next-track', 403, 'NO_NEXT_TRACK', undefined],
    ['session.no-previous-track', 403, 'NO_PREV_TRACK', undefined],
    ['session.not-playing', 403, 'NOT_PLAYING_TRACK', undefined],
    ['session.busy', 503, 'UNKNOWN', '1'],
    ['session.deadline-passed', 504, 'UNKNOWN', undefined],
  ] as const)('say %s as %i %s', async (code, status, reason, retryAfter) => {
    bench.household.answer = refused(new TonearmError(code, 'because'));
    const answer = await call('POST', `${PLAYER}/next`);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({ error: { status, reason, code, message: 'because' } });
    expect(answer.headers['retry-after']).toBe(retryAfter);
  });
});

describe('bad input is refused naming the field', () => {
  const track = `tonearm:track:${TRACKS[0]}`;
  it.each<[Method, string, unknown, number, string]>([
    ['PUT', `${PLAYER}/seek`, undefined, 400, 'position_ms'],
    ['PUT', `${PLAYER}/seek?position_ms=soon`, undefined, 400, 'position_ms'],
    ['PUT', `${PLAYER}/seek?position_ms=-1`, undefined, 400, 'position_ms'],
    ['PUT', `${PLAYER}/seek?position_ms=1&position_ms=2`, undefined, 400, 'position_ms'],
    ['PUT', `${PLAYER}/seek?position_ms=99999999999`, undefined, 400, 'position_ms'],
    ['PUT', `${PLAYER}/volume?volume_percent=101`, undefined, 400, 'volume_percent'],
    ['PUT', `${PLAYER}/volume?volume_percent=1.5`, undefined, 400, 'volume_percent'],
    ['PUT', `${PLAYER}/repeat?state=forever`, undefined, 400, 'state'],
    ['PUT', `${PLAYER}/shuffle?state=1`, undefined, 400, 'state'],
    ['PUT', `${PLAYER}/pause?device_id=no%20such`, undefined, 400, 'device_id'],
    ['POST', `${PLAYER}/queue`, undefined, 400, 'uri'],
    ['POST', `${PLAYER}/queue?uri=x:album:${ALBUM_ID}`, undefined, 400, 'uri'],
    ['PUT', PLAYER, undefined, 400, 'device_ids'],
    ['PUT', PLAYER, { device_ids: [] }, 400, 'device_ids'],
    ['PUT', PLAYER, { device_ids: [KITCHEN, KITCHEN] }, 400, 'device_ids'],
    ['PUT', PLAYER, { device_ids: [7] }, 400, 'device_ids.0'],
    ['PUT', PLAYER, { device_ids: [KITCHEN], play: 'yes' }, 400, 'play'],
    ['PUT', `${PLAYER}/play`, { uris: track }, 400, 'uris'],
    ['PUT', `${PLAYER}/play`, { uris: [] }, 400, 'uris'],
    ['PUT', `${PLAYER}/play`, { uris: [track, 'nonsense'] }, 400, 'uris.1'],
    ['PUT', `${PLAYER}/play`, { uris: [track], context_uri: 'tonearm:library' }, 400, 'uris'],
    ['PUT', `${PLAYER}/play`, { context_uri: 'nonsense' }, 400, 'context_uri'],
    ['PUT', `${PLAYER}/play`, { context_uri: 7 }, 400, 'context_uri'],
    ['PUT', `${PLAYER}/play`, { offset: { position: 1 } }, 400, 'offset'],
    ['PUT', `${PLAYER}/play`, { uris: [track], offset: { position: -1 } }, 400, 'offset.position'],
    ['PUT', `${PLAYER}/play`, { uris: [track], offset: { position: 1 } }, 400, 'offset.position'],
    ['PUT', `${PLAYER}/play`, { uris: [track], position_ms: -5 }, 400, 'position_ms'],
    ['PUT', `${PLAYER}/play`, '{"uris":', 400, 'body'],
    ['GET', `${PLAYER}/recently-played?limit=51`, undefined, 400, 'limit'],
    ['GET', `${PLAYER}/recently-played?before=yesterday`, undefined, 400, 'before'],
    ['GET', '/v1/tracks/short', undefined, 400, 'id'],
    ['GET', '/v1/albums/short', undefined, 400, 'id'],
    ['GET', '/v1/artists/short', undefined, 400, 'id'],
    ['GET', '/v1/tracks?ids=short', undefined, 400, 'ids'],
    ['GET', '/v1/tracks', undefined, 400, 'ids'],
    ['GET', `/v1/tracks?ids=${Array(51).fill(TRACKS[0]).join(',')}`, undefined, 400, 'ids'],
    ['GET', '/v1/playlists/short', undefined, 400, 'id'],
    ['GET', '/v1/me/library/contains?uris=tonearm:track:short', undefined, 400, 'uris'],
    ['GET', '/v1/albums?ids=short', undefined, 400, 'ids'],
    ['GET', '/v1/search', undefined, 400, 'q'],
    ['GET', '/v1/search?q=x&type=song', undefined, 400, 'type'],
    ['GET', '/v1/search?q=x&limit=0', undefined, 400, 'limit'],
    ['GET', '/v1/search?q=x&offset=-1', undefined, 400, 'offset'],
    ['GET', '/tonearm/v1/tracks?limit=1000000', undefined, 400, 'limit'],
    ['GET', '/tonearm/v1/art/..%2f..%2fetc%2fpasswd', undefined, 400, 'key'],
    ['POST', '/tonearm/v1/ingest', undefined, 400, 'folder'],
    ['POST', '/tonearm/v1/ingest', { folder: 7 }, 400, 'folder'],
    ['POST', '/tonearm/v1/ingest', '[]', 400, ''],
    ['GET', '/content/v1/manifests/short', undefined, 400, 'trackId'],
    ['GET', '/content/v1/files/short', undefined, 400, 'fileId'],
  ])('%s %s %j', async (method, url, body, status, field) => {
    const answer = await call(method, url, body, { 'content-type': 'application/json' });
    expect(answer.statusCode).toBe(status);
    expect(answer.json().error).toMatchObject({ status, code: 'input.invalid' });
    if (field !== '') expect(answer.json().error.field).toBe(field);
    expect(bench.household.requests).toEqual([]);
  });

  it('a body that is too large', async () => {
    const answer = await call('PUT', `${PLAYER}/play`, { context_uri: 'x'.repeat(BODY_BYTES_MAX) });
    expect(answer.statusCode).toBe(413);
    expect(answer.json().error).toMatchObject({ code: 'input.too-large', field: 'body', status: 413 });
  });

  it.each<[Method, string]>([
    ['GET', '/no/such/door'],
    ['DELETE', PLAYER],
    ['POST', `${PLAYER}/pause`],
    ['PUT', '/v1/playlists/1'],
    ['GET', '/index.html'],
    ['GET', '/../package.json'],
  ])('%s %s, which is not there', async (method, url) => {
    const answer = await call(method, url);
    expect(answer.statusCode).toBe(404);
    expect(answer.json().error).toMatchObject({ code: 'input.unknown', status: 404 });
  });

  it('what is not in the library', async () => {
    const absent = '9'.repeat(22);
    for (const url of [
      `/v1/tracks/${absent}`,
      `/v1/albums/${absent}`,
      `/v1/albums/${absent}/tracks`,
      `/v1/artists/${absent}`,
      `/v1/artists/${absent}/top-tracks`,
      `/v1/playlists/${absent}`,
      `/v1/playlists/${absent}/items`,
      `/v1/playlists/${absent}/tracks`,
    ]) {
      const answer = await call('GET', url);
      expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'catalogue.not-found']);
    }
    const queued = await call('POST', `${PLAYER}/queue?uri=tonearm:track:${absent}`);
    expect(queued.statusCode).toBe(404);
  });
});

describe('player views', () => {
  function play(): void {
    const [first, second] = TRACKS;
    if (first === undefined || second === undefined) throw new Error('the bench has tracks');
    const summary = {
      id: first,
      uri: '',
      title: '',
      artists: [],
      album: '',
      albumUri: '',
      durationMs: ms(1),
      artPath: null,
    };
    bench.household.shown = {
      ...bench.household.shown,
      session: { ...bench.household.shown.session, playback: 'playing', track: summary, positionMs: ms(5_000) },
    };
    bench.household.shownSession = {
      playback: { kind: 'playing', trackId: first, positionFrames: frames(1), durationFrames: frames(2) },
      queue: { contextUri: null, trackIds: TRACKS, index: 0, upNext: [], interlude: null },
      shuffleSeed: null,
      repeat: 'off',
      problem: null,
    };
    bench.household.played = [
      { trackId: first, playedAtMs: 2_000, contextUri: null },
      { trackId: '9'.repeat(22) as never, playedAtMs: 1_500, contextUri: null },
      { trackId: second, playedAtMs: 1_000, contextUri: 'tonearm:library' },
    ];
  }

  it('are 204 while nothing plays', async () => {
    for (const path of ['', '/currently-playing']) {
      const answer = await call('GET', PLAYER + path);
      expect([answer.statusCode, answer.body]).toEqual([204, '']);
    }
    expect((await call('GET', `${PLAYER}/queue`)).json()).toEqual({ currently_playing: null, queue: [] });
    expect((await call('GET', `${PLAYER}/recently-played`)).json()).toMatchObject({ items: [], next: null });
  });

  it('show what plays, with the addresses that the client uses', async () => {
    play();
    const state = (await call('GET', PLAYER, undefined, { host: 'pantry:80' })).json();
    expect(state).toMatchObject({
      device: { id: KITCHEN },
      is_playing: true,
      progress_ms: 5_000,
      item: { name: 'Tone 1', href: `http://pantry:80/v1/tracks/${TRACKS[0]}` },
    });
    expect((await call('GET', `${PLAYER}/currently-playing`)).json().item.name).toBe('Tone 1');
    const names = (items: { name: string }[]) => items.map((item) => item.name);
    const queue = (await call('GET', `${PLAYER}/queue`)).json();
    expect([queue.currently_playing.name, names(queue.queue)]).toEqual(['Tone 1', ['Tone 2', 'Tone 3']]);
    const history = (await call('GET', `${PLAYER}/recently-played?limit=50`)).json();
    expect(history.items.map((item: { track: { name: string } }) => item.track.name)).toEqual(['Tone 1', 'Tone 2']);
    expect((await call('GET', `${PLAYER}/devices`)).json()).toMatchObject({
      devices: [{ name: 'kitchen', volume_percent: 40 }],
    });
  });
});

describe('our own routes', () => {
  it('show health, household, music and ingest', async () => {
    expect((await call('GET', '/tonearm/v1/health')).json()).toEqual({ status: 'ok', name: 'House', version: '1' });
    expect((await call('GET', '/tonearm/v1/household')).json()).toEqual(
      JSON.parse(JSON.stringify(bench.household.shown)),
    );
    expect((await call('GET', '/tonearm/v1/tracks?limit=2&offset=1')).json()).toMatchObject({
      items: [{ title: 'Tone 2', uri: `tonearm:track:${TRACKS[1]}`, durationMs: 60_000 }, { title: 'Tone 3' }],
      total: 3,
      offset: 1,
      limit: 2,
    });
    expect((await call('GET', '/tonearm/v1/albums')).json()).toMatchObject({
      items: [{ title: 'Tones', trackCount: 3 }],
      total: 1,
    });
    expect((await call('GET', '/tonearm/v1/ingest')).json()).toMatchObject({ isRunning: false, failures: [] });
  });

  it('begin an ingest with 202, and say why not', async () => {
    const begin = (folder: string) => call('POST', '/tonearm/v1/ingest', { folder });
    const missing = await begin('/nowhere');
    expect([missing.statusCode, missing.json().error.message]).toEqual([404, 'no folder /nowhere']);
    expect((await begin('/music')).statusCode).toBe(202);
    expect((await begin('/music')).statusCode).toBe(409);
    expect(bench.ingested).toEqual(['/music']);
  });

  it('give pictures in which nothing runs', async () => {
    const picture = await call('GET', '/tonearm/v1/art/cover');
    expect([...picture.rawPayload]).toEqual([1, 2, 3]);
    expect(picture.headers).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    expect((await call('GET', '/tonearm/v1/art/other')).statusCode).toBe(404);
  });

  it('give the page with a policy, and nothing beside it', async () => {
    const page = await call('GET', '/');
    expect([page.statusCode, page.body]).toEqual([200, '<p>hello']);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
    expect(page.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect((await call('GET', '/app.js', undefined, { 'if-none-match': '"e2"' })).statusCode).toBe(304);
  });
});

describe('the guard', () => {
  it('answers only to the bridge’s own names', async () => {
    for (const url of ['/tonearm/v1/household', '/', '/nope', '/content/v1/files/x']) {
      const answer = await call('GET', url, undefined, { host: 'evil.example' });
      expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'access.host-refused']);
    }
  });

  it('takes commands from its own page only', async () => {
    const foreign = await call('PUT', `${PLAYER}/pause`, undefined, { origin: 'http://evil.example' });
    expect([foreign.statusCode, foreign.json().error.code]).toEqual([403, 'access.origin-refused']);
    expect(bench.household.requests).toEqual([]);
    expect((await call('PUT', `${PLAYER}/pause`, undefined, { origin: 'http://localhost:4747' })).statusCode).toBe(204);
  });

  it('says 429 and when to come back to who asks too often', async () => {
    let answer = await call('GET', '/tonearm/v1/health');
    for (let n = 0; n < REQUESTS_BURST_MAX + 200 && answer.statusCode === 200; n += 1) {
      answer = await call('GET', '/tonearm/v1/health');
    }
    expect(answer.statusCode).toBe(429);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.json().error.code).toBe('access.rate-limited');
  });

  it('tells nobody what has failed inside', async () => {
    bench.bug = new Error('the password is 1234');
    const answer = await call('GET', `/v1/tracks/${TRACKS[0]}`);
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({ error: { status: 500, code: 'internal.bug', message: 'the bridge has failed' } });
  });
});
