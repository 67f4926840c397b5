import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { frames } from '#protocol/vocabulary/units';
import type { SessionState } from '#protocol/wire/playback-state';
import { KITCHEN } from '#sim/relay/recording-household';
import { benchTrackId, RestBench } from '#sim/relay/rest-bench';

const QUEUE = '/tonearm/v1/session/queue';
const [ONE, TWO, THREE] = [1, 2, 3].map(benchTrackId) as [
  ReturnType<typeof benchTrackId>,
  ReturnType<typeof benchTrackId>,
  ReturnType<typeof benchTrackId>,
];
const SESSION: SessionState = {
  playback: { kind: 'playing', trackId: ONE, positionFrames: frames(1), durationFrames: frames(2) },
  queue: {
    contextUri: 'tonearm:library',
    trackIds: [ONE, TWO, THREE],
    edits: [{ place: 2, after: 0 }],
    index: 0,
    upNext: [TWO],
    upNextUids: ['u7'],
    interlude: null,
  },
  shuffleSeed: null,
  repeat: 'off',
  problem: null,
};

let bench: RestBench;
beforeEach(() => {
  bench = new RestBench();
});
afterEach(() => bench.close());

async function call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: object) {
  const headers = { host: 'localhost:4747' };
  const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
  const answer = await bench.door.app.inject({ method, url, headers, ...payload });
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
}

describe('the session’s routes', () => {
  it('show what comes next with the names of the entries, in the order in which it will be played', async () => {
    expect(await call('GET', QUEUE)).toEqual({ status: 200, body: { current: null, items: [] } });
    bench.household.shownSession = SESSION;
    const { body } = await call('GET', `${QUEUE}?limit=50`);
    expect(body.current.id).toBe(ONE);
    expect(body.items.map(({ uid, track }: { uid: string; track: { id: string } }) => [uid, track.id])).toEqual([
      ['u7', TWO],
      ['c2', THREE],
      ['c1', TWO],
    ]);
    expect((await call('GET', `${QUEUE}?limit=1`)).body.items).toHaveLength(1);
  });

  it('show the context page by page, in its own order', async () => {
    const none = { items: [], offset: 0, limit: 20, total: 0, index: 0 };
    expect((await call('GET', '/tonearm/v1/session/tracks')).body).toEqual(none);
    bench.household.shownSession = SESSION;
    const { body } = await call('GET', '/tonearm/v1/session/tracks?offset=1&limit=1');
    expect(body).toMatchObject({ items: [{ uid: 'c1', track: { id: TWO } }], offset: 1, limit: 1, total: 3, index: 0 });
    expect((await call('GET', '/tonearm/v1/session/tracks?limit=51')).body.error.field).toBe('limit');
  });

  it('change the queue by the names of its entries', async () => {
    const calls = [
      await call('POST', QUEUE, { trackIds: [ONE, TWO] }),
      await call('POST', `${QUEUE}?device_id=${KITCHEN}`, { trackIds: [ONE], isNext: true }),
      await call('PATCH', QUEUE, { uid: 'c2', after: null }),
      await call('DELETE', `${QUEUE}?uids=u7,c1`),
      await call('DELETE', QUEUE),
    ];
    expect(calls.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
    expect(bench.household.requests).toEqual([
      { kind: 'queueAdd', speakerId: null, trackIds: [ONE, TWO], isNext: false },
      { kind: 'queueAdd', speakerId: KITCHEN, trackIds: [ONE], isNext: true },
      { kind: 'queueMove', speakerId: null, uid: 'c2', after: null },
      { kind: 'queueRemove', speakerId: null, uids: ['u7', 'c1'] },
      { kind: 'queueClear', speakerId: null },
    ]);
  });

  it.each<['POST' | 'PATCH' | 'DELETE', string, object | undefined, string]>([
    ['POST', QUEUE, { trackIds: [] }, 'trackIds'],
    ['POST', QUEUE, { trackIds: [ONE, 'short'] }, 'trackIds.1'],
    ['POST', QUEUE, { trackIds: [ONE, '9'.repeat(22)] }, 'trackIds.1'],
    ['PATCH', QUEUE, { uid: 'c2' }, 'after'],
    ['PATCH', QUEUE, { uid: 'a b', after: null }, 'uid'],
    ['DELETE', `${QUEUE}?uids=`, undefined, 'uids'],
    ['DELETE', `${QUEUE}?uids=u7,a%20b`, undefined, '1'],
  ])('refuse %s %s %j, naming %s', async (method, url, body, field) => {
    const answer = await call(method, url, body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body.error.field).toBe(field);
    expect(bench.household.requests).toEqual([]);
  });
});
