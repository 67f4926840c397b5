import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALBUM_ID, benchTrackId, RestBench } from '#sim/relay/rest-bench';

let bench: RestBench;
beforeEach(() => {
  bench = new RestBench();
});
afterEach(() => bench.close());

async function get(url: string) {
  const answer = await bench.door.app.inject({ url, headers: { host: 'localhost' } });
  return { status: answer.statusCode, body: answer.json() };
}

async function put(url: string, body: object) {
  const answer = await bench.door.app.inject({ method: 'PUT', url, headers: { host: 'localhost' }, payload: body });
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
}

const TRACK = `/tonearm/v1/tracks/${benchTrackId(1)}`;
const ALBUM = `/tonearm/v1/albums/${ALBUM_ID}`;

describe('the library', () => {
  it('is listed in pages, sorted, by genre', async () => {
    expect(await get('/tonearm/v1/tracks?sort=title&genre=drone&limit=2')).toMatchObject({
      status: 200,
      body: { items: [{ title: 'Tone 1' }, { title: 'Tone 2' }], total: 3, limit: 2, offset: 0 },
    });
    expect((await get('/tonearm/v1/albums?sort=year')).body).toMatchObject({ items: [{ title: 'Tones' }] });
    expect((await get('/tonearm/v1/genres')).body).toMatchObject({
      items: [{ name: 'Drone', trackCount: 3 }],
      total: 1,
    });
    expect(await get('/tonearm/v1/tracks?sort=loudest')).toMatchObject({
      status: 400,
      body: { error: { code: 'input.invalid', field: 'sort' } },
    });
  });

  it('tells what has become of its files', async () => {
    expect((await get('/tonearm/v1/library/changes')).body).toMatchObject({
      items: [{ number: 1 }, { number: 2 }],
      last: 2,
    });
    expect((await get('/tonearm/v1/library/changes?after=1')).body).toEqual({
      items: [{ number: 2, kind: 'removed', path: 'a/0.wav' }],
      last: 2,
    });
    expect((await get('/tonearm/v1/library/changes?after=-1')).status).toBe(400);
  });

  it('gives lyrics where there are some', async () => {
    const lyrics = { kind: 'timed', lines: [{ startMs: 500, text: 'Hum' }] };
    expect(await get(`${TRACK}/lyrics`)).toEqual({ status: 200, body: lyrics });
    expect(await get(`/tonearm/v1/tracks/${benchTrackId(2)}/lyrics`)).toMatchObject({
      status: 404,
      body: { error: { code: 'catalogue.not-found' } },
    });
  });

  it.each([TRACK, ALBUM])('is told where and when music may be played: %s', async (subject) => {
    const nothing = { countries: null, from: null, until: null };
    expect((await get(`${subject}/availability`)).body).toEqual(nothing);
    const rules = { countries: ['AT', 'DE', 'AT'], from: '2026-01-01', until: '2027-01-01T00:00:00+01:00' };
    expect(await put(`${subject}/availability`, rules)).toEqual({ status: 204, body: null });
    expect((await get(`${subject}/availability`)).body).toEqual({
      countries: ['AT', 'DE'],
      from: '2026-01-01T00:00:00.000Z',
      until: '2026-12-31T23:00:00.000Z',
    });
    expect((await put(`${subject}/availability`, {})).status).toBe(204);
    expect((await get(`${subject}/availability`)).body).toEqual(nothing);
  });

  it.each([
    [{ countries: ['at'] }, 'countries.0'],
    [{ countries: 'AT' }, 'countries'],
    [{ from: 'soon' }, 'from'],
    [{ from: '2026-02-30T25:00:00Z' }, 'from'],
    [{ from: '2026-01-02', until: '2026-01-01' }, 'until'],
    [{ countries: Array.from({ length: 250 }, () => 'AT') }, 'countries'],
  ])('refuses %j, naming the field', async (rules, field) => {
    expect(await put(`${TRACK}/availability`, rules)).toMatchObject({
      status: 400,
      body: { error: { code: 'input.invalid', field } },
    });
  });

  it('has no rules for what is not in it', async () => {
    expect((await put(`/tonearm/v1/tracks/${benchTrackId(9)}/availability`, {})).status).toBe(404);
  });
});
