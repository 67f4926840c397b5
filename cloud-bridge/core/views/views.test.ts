import { describe, expect, it } from 'vitest';
import { TonearmError } from '#protocol/vocabulary/errors';
import { albumId, artistId, speakerId, type TrackId, trackId } from '#protocol/vocabulary/ids';
import { ok, refused } from '#protocol/vocabulary/result';
import { frames, ms, percent } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import { CONTEXT_TRACKS_MAX } from '#protocol/wire/playback-state';
import type { Album, Track } from '../ports/catalogue.ts';
import { formatMusicUri, parseMusicUri } from './music-uri.ts';
import { type PlayWish, planPlay } from './play-plan.ts';
import { viewAlbum, viewArtist, viewTrack } from './web-api-catalogue.ts';
import { viewWebApiError } from './web-api-error.ts';
import { sliceOf, viewPage } from './web-api-page.ts';
import { chooseHistory, viewContext, viewDevices, viewHistory, viewPlayerState } from './web-api-player.ts';

const BASE = 'http://192.168.1.4:4747';
const ARTIST = { id: artistId('a'.repeat(22)), name: 'The Oscillators' };
const ALBUM = { id: albumId('b'.repeat(22)), title: 'Tones', artists: [ARTIST] };

function track(n: number, changes: Partial<Track> = {}): Track {
  return {
    id: idOf(n),
    title: `Tone ${n}`,
    artists: [ARTIST],
    album: ALBUM,
    discNumber: 1,
    trackNumber: n,
    durationFrames: frames(48_000 * 61),
    year: 1977,
    genres: [],
    artPath: '/tonearm/v1/art/cover',
    availability: 'ready',
    addedAtMs: 0,
    ...changes,
  };
}

function idOf(n: number): TrackId {
  return trackId(String(n).padStart(22, '0'));
}

describe('music in the Web API’s words', () => {
  it('is a track with its album, artists, addresses and whole milliseconds', () => {
    expect(viewTrack(BASE, track(1, { durationFrames: frames(48_001) }))).toMatchObject({
      id: idOf(1),
      uri: `tonearm:track:${idOf(1)}`,
      href: `${BASE}/v1/tracks/${idOf(1)}`,
      duration_ms: 1_000,
      artists: [
        { name: 'The Oscillators', uri: `tonearm:artist:${ARTIST.id}`, href: `${BASE}/v1/artists/${ARTIST.id}` },
      ],
      album: {
        name: 'Tones',
        uri: `tonearm:album:${ALBUM.id}`,
        release_date: '1977',
        images: [{ url: `${BASE}/tonearm/v1/art/cover` }],
      },
      is_playable: true,
      type: 'track',
      popularity: 0,
      available_markets: [],
    });
    expect(viewTrack(BASE, track(1, { availability: 'unreadable', artPath: null }))).toMatchObject({
      is_playable: false,
      album: { images: [] },
    });
  });

  it('is an album and an artist', () => {
    const album: Album = { ...ALBUM, year: null, genres: ['noise'], trackCount: 9, artPath: null, addedAtMs: 0 };
    expect(viewAlbum(BASE, album)).toMatchObject({ name: 'Tones', total_tracks: 9, genres: ['noise'], type: 'album' });
    expect(viewArtist(BASE, { ...ARTIST, albumCount: 1 })).toMatchObject({ name: 'The Oscillators', type: 'artist' });
  });

  it('is paged with absolute addresses that lead through the whole list', () => {
    const all = [1, 2, 3, 4, 5];
    const page = (offset: number) =>
      viewPage(`${BASE}/list?q=x`, sliceOf(all, { offset, limit: 2 }), { offset, limit: 2 });
    expect(page(0)).toEqual({
      href: `${BASE}/list?q=x&offset=0&limit=2`,
      items: [1, 2],
      limit: 2,
      next: `${BASE}/list?q=x&offset=2&limit=2`,
      offset: 0,
      previous: null,
      total: 5,
    });
    expect(page(4)).toMatchObject({ items: [5], next: null, previous: `${BASE}/list?q=x&offset=2&limit=2` });
    expect(page(1).previous).toBe(`${BASE}/list?q=x&offset=0&limit=2`);
  });
});

function household(changes: Partial<HouseholdSnapshot['session']> = {}): HouseholdSnapshot {
  const status = { volume: percent(40), output: 'virtual', outputProblem: null, bufferedMs: ms(0), underruns: 0 };
  const speaker = (name: string, isActive: boolean, isOnline: boolean) => ({
    ...{ id: speakerId(`${name}-speaker`), name, model: 'm', version: '1', isActive, isOnline, status },
  });
  return {
    kind: 'householdSnapshot',
    revision: 1,
    bridge: { name: 'House', version: '1' },
    speakers: [speaker('kitchen', true, true), speaker('attic', false, false)],
    session: {
      activeSpeakerId: speakerId('kitchen-speaker'),
      epoch: 1,
      playback: 'playing',
      track: null,
      positionMs: ms(1_234.5),
      contextUri: `tonearm:album:${ALBUM.id}`,
      next: [],
      isShuffled: true,
      repeat: 'context',
      problem: null,
      ...changes,
    },
    ingest: { isRunning: false, folder: null, found: 0, done: 0, failed: 0, failures: [] },
  };
}

describe('the player in the Web API’s words', () => {
  const shown = viewTrack(BASE, track(1));

  it('has the device, the position, and what may be done, nested and flat', () => {
    const state = viewPlayerState(BASE, household(), shown, 99);
    expect(state).toMatchObject({
      device: { name: 'kitchen', is_active: true, volume_percent: 40, supports_volume: true, type: 'Speaker' },
      repeat_state: 'context',
      shuffle_state: true,
      context: { type: 'album', uri: `tonearm:album:${ALBUM.id}`, href: `${BASE}/v1/albums/${ALBUM.id}` },
      timestamp: 99,
      progress_ms: 1_234,
      is_playing: true,
      item: { name: 'Tone 1' },
      currently_playing_type: 'track',
      actions: { resuming: true, pausing: false, disallows: { resuming: true, pausing: false } },
    });
    expect(viewPlayerState(BASE, household({ playback: 'paused' }), shown, 99)).toMatchObject({
      is_playing: false,
      actions: { resuming: false, pausing: true },
    });
  });

  it('is none without a track or a speaker', () => {
    expect(viewPlayerState(BASE, household(), null, 99)).toBeNull();
    expect(viewPlayerState(BASE, { ...household(), speakers: [] }, shown, 99)).toBeNull();
  });

  it('lists the speakers that can be commanded', () => {
    expect(viewDevices(household()).devices.map((device) => device.name)).toEqual(['kitchen']);
  });

  it('knows contexts that have no page of their own', () => {
    expect(viewContext(BASE, null)).toBeNull();
    expect(viewContext(BASE, 'tonearm:library')).toMatchObject({ type: 'library', href: null, uri: 'tonearm:library' });
  });

  it('tells the history by cursors', () => {
    const entries = [5, 4, 3, 2, 1].map((n) => ({ trackId: idOf(n), playedAtMs: n * 1_000, contextUri: null }));
    const times = (request: Parameters<typeof chooseHistory>[1]) =>
      chooseHistory(entries, request).map((entry) => entry.playedAtMs);
    expect(times({ limit: 2 })).toEqual([5_000, 4_000]);
    expect(times({ limit: 2, before: 4_000 })).toEqual([3_000, 2_000]);
    expect(times({ limit: 2, after: 2_000 })).toEqual([4_000, 3_000]);
    const page = entries.slice(0, 2).map((played) => ({ played, track: shown }));
    expect(viewHistory(BASE, page, { limit: 2 })).toMatchObject({
      items: [{ played_at: '1970-01-01T00:00:05.000Z', context: null }, {}],
      next: `${BASE}/v1/me/player/recently-played?limit=2&before=4000`,
      cursors: { after: '5000', before: '4000' },
    });
    expect(viewHistory(BASE, [], { limit: 2 })).toMatchObject({ items: [], next: null, cursors: null });
  });

  it('says errors with a status, and reasons where clients expect them', () => {
    const error = new TonearmError('session.no-active-speaker', 'none', { field: 'speakerId' });
    expect(viewWebApiError(error, true)).toEqual({
      error: {
        status: 404,
        reason: 'NO_ACTIVE_DEVICE',
        code: 'session.no-active-speaker',
        message: 'none',
        field: 'speakerId',
      },
    });
    expect(viewWebApiError(new TonearmError('input.invalid', 'no'), true).error.reason).toBe('UNKNOWN');
    expect(viewWebApiError(error, false).error).not.toHaveProperty('reason');
  });
});

describe('parseMusicUri', () => {
  it('takes any word in front, and gives ours back', () => {
    for (const scheme of ['tonearm', 'spotify', 'x-y.z']) {
      const uri = parseMusicUri(`${scheme}:track:${idOf(1)}`);
      expect(uri).toEqual({ kind: 'track', id: idOf(1) });
    }
    const all = ['tonearm:library', `tonearm:album:${ALBUM.id}`, `tonearm:artist:${ARTIST.id}`];
    for (const text of all) {
      const uri = parseMusicUri(text);
      expect(uri === null ? null : formatMusicUri(uri)).toBe(text);
    }
  });

  it.each([
    [''],
    ['tonearm'],
    ['tonearm:track:'],
    ['tonearm:track:short'],
    [`tonearm:show:${idOf(1)}`],
    [`tonearm:library:${idOf(1)}`],
    [`:track:${idOf(1)}`],
    [`tonearm:track:${idOf(1)} `],
  ])('refuses %j', (text) => {
    expect(parseMusicUri(text)).toBeNull();
  });
});

describe('planPlay', () => {
  const library = Array.from({ length: CONTEXT_TRACKS_MAX + 250 }, (_, n) => track(n + 1));
  const catalogue = {
    tracks: async (ids: readonly TrackId[]) => library.filter((it) => ids.includes(it.id)),
    albumTracks: async (id: string) =>
      id === ALBUM.id
        ? ok([track(1), track(2, { availability: 'unreadable' as const }), track(3)])
        : refused(new TonearmError('catalogue.not-found', 'no such album')),
    artistTracks: async () => ok([]),
    allTracks: async ({ offset, limit }: { offset: number; limit: number }) => ({
      items: library.slice(offset, offset + limit),
      total: library.length,
    }),
  };
  const nothing: PlayWish = { contextUri: undefined, uris: undefined, offset: undefined };
  const album = `other:album:${ALBUM.id}`;
  const uris = [3, 1, 3].map((n) => `tonearm:track:${idOf(n)}`);

  it('plays an album without what cannot be read, from where it is told to', async () => {
    const plan = { contextUri: `tonearm:album:${ALBUM.id}`, trackIds: [idOf(1), idOf(3)], index: 0 };
    expect(await planPlay(catalogue, { ...nothing, contextUri: album })).toEqual({ ok: true, value: plan });
    const byUri = { ...nothing, contextUri: album, offset: { uri: `x:track:${idOf(3)}` } };
    expect(await planPlay(catalogue, byUri)).toMatchObject({ value: { index: 1 } });
    expect(await planPlay(catalogue, { ...nothing, contextUri: album, offset: { position: 1 } })).toMatchObject({
      value: { index: 1 },
    });
  });

  it('plays a list as it stands, and one track as its own context', async () => {
    expect(await planPlay(catalogue, { ...nothing, uris })).toMatchObject({
      value: { contextUri: null, trackIds: [idOf(3), idOf(1), idOf(3)] },
    });
    const single = `x:track:${idOf(7)}`;
    expect(await planPlay(catalogue, { ...nothing, contextUri: single })).toMatchObject({
      value: { contextUri: `tonearm:track:${idOf(7)}`, trackIds: [idOf(7)] },
    });
  });

  it('plays as much of the library as a queue holds', async () => {
    const plan = await planPlay(catalogue, { ...nothing, contextUri: 'tonearm:library' });
    if (!plan.ok) throw plan.error;
    expect(plan.value.trackIds).toEqual(library.slice(0, CONTEXT_TRACKS_MAX).map((it) => it.id));
  });

  it.each<[string, Partial<PlayWish>, string, string | undefined]>([
    ['a context that is none', { contextUri: 'nonsense' }, 'input.invalid', 'context_uri'],
    ['an album that is not there', { contextUri: `x:album:${'c'.repeat(22)}` }, 'catalogue.not-found', 'context_uri'],
    ['a track that is not there', { contextUri: `x:track:${'c'.repeat(22)}` }, 'catalogue.not-found', 'context_uri'],
    ['an artist without tracks', { contextUri: `x:artist:${ARTIST.id}` }, 'session.nothing-to-play', undefined],
    ['a list with an album in it', { uris: [...uris, album] }, 'input.invalid', 'uris.3'],
    ['a list with a track that is not there', { uris: [`x:track:${'c'.repeat(22)}`] }, 'catalogue.not-found', 'uris.0'],
    ['a place past the end', { uris, offset: { position: 3 } }, 'input.invalid', 'offset.position'],
    ['a place that is not in it', { uris, offset: { uri: `x:track:${idOf(9)}` } }, 'input.invalid', 'offset.uri'],
  ])('refuses %s', async (_, wish, code, field) => {
    const plan = await planPlay(catalogue, { ...nothing, ...wish });
    expect(plan).toMatchObject({ ok: false, error: { code, field } });
  });
});
