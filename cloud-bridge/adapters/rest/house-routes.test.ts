import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { benchTrackId, RestBench } from '#sim/relay/rest-bench';

const TRACKS = [1, 2, 3].map(benchTrackId);

let bench: RestBench;
beforeEach(() => {
  bench = new RestBench();
});
afterEach(() => bench.close());

function show(body: unknown): Promise<LightMyRequestResponse> {
  const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
  return bench.door.app.inject({
    method: 'PUT',
    url: '/tonearm/v1/showing',
    headers: { host: 'localhost:4747' },
    ...payload,
  });
}

describe('what a phone shows', () => {
  it('is passed on', async () => {
    expect((await show({ trackIds: TRACKS })).statusCode).toBe(204);
    expect((await show({ trackIds: [] })).statusCode).toBe(204);
    expect(bench.household.shownTracks).toEqual([TRACKS, []]);
  });

  it.each<[unknown, string]>([
    [undefined, 'trackIds'],
    [{ trackIds: ['x'] }, 'trackIds.0'],
    [{ trackIds: Array.from({ length: 21 }, (_, place) => benchTrackId(place + 1)) }, 'trackIds'],
  ])('is refused when it is %j', async (body, field) => {
    const answer = await show(body);
    expect([answer.statusCode, answer.json().error.field]).toEqual([400, field]);
    expect(bench.household.shownTracks).toEqual([]);
  });
});
