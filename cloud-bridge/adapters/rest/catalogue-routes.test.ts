import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALBUM_ID, ARTIST, benchTrackId, PLAYLIST, RestBench } from '#sim/relay/rest-bench';

let bench: RestBench;
beforeEach(() => {
  bench = new RestBench();
});
afterEach(() => bench.close());

function call(method: 'GET' | 'PUT', url: string, body?: object) {
  const payload = body === undefined ? {} : { payload: body };
  return bench.door.app.inject({ method, url, headers: { host: 'localhost:4747' }, ...payload });
}

const PLAYLIST_URI = `tonearm:playlist:${PLAYLIST.id}`;
const TRACKS = [1, 2, 3].map(benchTrackId);

describe('the catalogue', () => {
  it('answers the neighbours of the player', async () => {
    expect((await call('GET', '/v1/me')).json()).toMatchObject({
      id: 'house-owner',
      type: 'user',
      display_name: 'House',
    });
    expect((await call('GET', `/v1/tracks/${TRACKS[0]}`)).json()).toMatchObject({
      name: 'Tone 1',
      duration_ms: 60_000,
    });
    const some = (await call('GET', `/v1/tracks?ids=${TRACKS[2]},${'9'.repeat(22)},${TRACKS[0]}`)).json();
    expect(some.tracks.map((it: { name: string } | null) => it?.name ?? null)).toEqual(['Tone 3', null, 'Tone 1']);
    expect((await call('GET', `/v1/albums/${ALBUM_ID}`)).json()).toMatchObject({ name: 'Tones', tracks: { total: 3 } });
    const second = (await call('GET', `/v1/albums/${ALBUM_ID}/tracks?limit=1&offset=1`)).json();
    expect(second).toMatchObject({ items: [{ name: 'Tone 2' }], total: 3, offset: 1 });
    expect((await call('GET', new URL(second.next).pathname + new URL(second.next).search)).json()).toMatchObject({
      items: [{ name: 'Tone 3' }],
      next: null,
    });
    expect((await call('GET', `/v1/artists/${ARTIST.id}`)).json()).toMatchObject({ name: 'The Oscillators' });
    expect((await call('GET', `/v1/artists/${ARTIST.id}/albums`)).json()).toMatchObject({ items: [{ name: 'Tones' }] });
  });

  it('has everything saved, newest first', async () => {
    const added_at = '1970-01-01T00:00:00.000Z';
    const tracks = (await call('GET', '/v1/me/tracks?limit=2')).json();
    expect(tracks).toMatchObject({ items: [{ added_at, track: { name: 'Tone 1' } }, {}], total: 3, limit: 2 });
    expect(tracks.next).toBe('http://localhost:4747/v1/me/tracks?offset=2&limit=2');
    expect((await call('GET', '/v1/me/albums')).json()).toMatchObject({
      items: [{ added_at, album: { name: 'Tones' } }],
    });
    const [here, absent] = [TRACKS[0], '9'.repeat(22)];
    const uris = [
      `x:track:${here}`,
      `x:track:${absent}`,
      `x:album:${ALBUM_ID}`,
      `x:artist:${ARTIST.id}`,
      `x:show:${here}`,
      PLAYLIST_URI,
    ];
    const contains = (query: string) => call('GET', `/v1/me/${query}`).then((answer) => answer.json());
    expect(await contains(`library/contains?uris=${uris.join(',')}`)).toEqual([
      ...[true, false, true, true, false],
      true,
    ]);
    expect(await contains(`tracks/contains?ids=${absent},${here}`)).toEqual([false, true]);
    expect(await contains(`albums/contains?ids=${ALBUM_ID},${absent}`)).toEqual([true, false]);
  });

  it('has the playlists that are kept beside the music, and plays them', async () => {
    const { id } = PLAYLIST;
    const all = (await call('GET', '/v1/me/playlists')).json();
    expect(all).toMatchObject({ items: [{ id, name: 'Evening', tracks: { total: 3 } }], total: 1, next: null });
    const names = (items: { track: { name: string } }[]) => items.map(({ track }) => track.name);
    const whole = (await call('GET', `/v1/playlists/${id}`)).json();
    expect(names(whole.tracks.items)).toEqual(['Tone 3', 'Tone 1', 'Tone 3']);
    for (const word of ['items', 'tracks']) {
      const part = (await call('GET', `/v1/playlists/${id}/${word}?limit=1&offset=1`)).json();
      expect([names(part.items), part.total]).toEqual([['Tone 1'], 3]);
      expect(part.next).toBe(`http://localhost:4747/v1/playlists/${id}/items?offset=2&limit=1`);
    }
    const played = await call('PUT', '/v1/me/player/play', { context_uri: PLAYLIST_URI, offset: { position: 1 } });
    expect(played.statusCode).toBe(204);
    expect(bench.household.requests).toMatchObject([
      { kind: 'play', contextUri: PLAYLIST_URI, trackIds: PLAYLIST.trackIds, index: 1 },
    ]);
    const absent = await call('PUT', '/v1/me/player/play', { context_uri: `x:playlist:${'9'.repeat(22)}` });
    expect([absent.statusCode, absent.json().error.code]).toEqual([404, 'catalogue.not-found']);
  });

  it('gives several at once, in the order asked, and null for what is not there', async () => {
    const absent = '9'.repeat(22);
    const names = (items: ({ name: string } | null)[]) => items.map((it) => it?.name ?? null);
    const albums = (await call('GET', `/v1/albums?ids=${absent},${ALBUM_ID}`)).json();
    expect(names(albums.albums)).toEqual([null, 'Tones']);
    const artists = (await call('GET', `/v1/artists?ids=${ARTIST.id},${absent}`)).json();
    expect(names(artists.artists)).toEqual(['The Oscillators', null]);
    const top = (await call('GET', `/v1/artists/${ARTIST.id}/top-tracks?market=AT`)).json();
    expect(names(top.tracks)).toEqual(['Tone 1', 'Tone 2', 'Tone 3']);
  });

  it('is searched for the kinds that were asked for, and shrugs at kinds that there are none of', async () => {
    const found = (await call('GET', '/v1/search?q=to%20ne&type=track,playlist&limit=2')).json();
    expect(Object.keys(found)).toEqual(['tracks', 'playlists']);
    expect(found.playlists).toMatchObject({ items: [], total: 0, next: null });
    const named = (await call('GET', '/v1/search?q=EVE&type=playlist,show')).json();
    expect(named).toMatchObject({ playlists: { total: 1, items: [{ uri: PLAYLIST_URI }] }, shows: { total: 0 } });
    expect(found.tracks).toMatchObject({
      total: 3,
      items: [{}, {}],
      next: 'http://localhost:4747/v1/search?q=to%20ne&type=track&offset=2&limit=2',
    });
    expect(Object.keys((await call('GET', '/v1/search?q=x')).json())).toEqual(['tracks', 'albums', 'artists']);
  });
});
