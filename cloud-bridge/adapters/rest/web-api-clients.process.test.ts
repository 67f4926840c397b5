/**
 * Two client libraries of the Web API, as people use them, against the door on a real port: all player calls and their
 * neighbours. Neither has an option for another server, so each is turned to ours where it lets itself be turned.
 */
import { type AccessToken, SpotifyApi } from '@spotify/web-api-ts-sdk';
import SpotifyWebApi from 'spotify-web-api-node';
// @ts-expect-error: the one place where this library says which server it talks to has no types.
import webApiRequest from 'spotify-web-api-node/src/webapi-request.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SCOPES, type Scope } from '#bridge/core/ports/callers';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, refused } from '#protocol/vocabulary/result';
import { frames, ms } from '#protocol/vocabulary/units';
import { KITCHEN } from '#sim/relay/recording-household';
import { ALBUM_ID, ARTIST, benchTrackId, PLAYLIST, RestBench } from '#sim/relay/rest-bench';
import { unwrap } from './request-parts.ts';

const TRACK = benchTrackId(1);
const TRACK_URI = `spotify:track:${TRACK}`;
const ALBUM_URI = `spotify:album:${ALBUM_ID}`;
const ABSENT = '9'.repeat(22);

let bench: RestBench;
let port: number;
let token: string;
beforeAll(async () => {
  bench = new RestBench({ isOpen: false });
  port = await bench.door.listen(0, '127.0.0.1');
  token = await tokenFor(SCOPES.filter((scope) => !scope.startsWith('tonearm-')));
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.household.requests.length = 0;
  bench.household.answer = ok(undefined);
});

/** An access token as a program gets it. */
async function tokenFor(scopes: readonly Scope[]): Promise<string> {
  const { accounts } = bench;
  const known = accounts.people.byName('Olga');
  const owner = known ?? unwrap(await accounts.people.createOwner('Olga', 'a long evening'));
  const grant = await accounts.grants.begin(owner, { kind: 'client', label: 'a library', scopes });
  const answer = await accounts.issue.answer(grant);
  if (answer === null) throw new Error('she is there');
  return answer.access_token;
}

/** What the household was last asked; both libraries must have been understood alike. */
function asked(): readonly object[] {
  return bench.household.requests.splice(0);
}

function play(): void {
  const { household } = bench;
  const summary = { id: TRACK, uri: TRACK_URI, title: 'Tone 1', artists: [], album: '', albumUri: '', artPath: null };
  const session = { ...household.shown.session, track: { ...summary, durationMs: ms(60_000) }, positionMs: ms(5_000) };
  household.shown = { ...household.shown, session: { ...session, playback: 'playing' } };
  household.shownSession = {
    playback: { kind: 'playing', trackId: TRACK, positionFrames: frames(1), durationFrames: frames(2) },
    queue: { contextUri: null, trackIds: [TRACK, benchTrackId(2)], index: 0, upNext: [], interlude: null },
    shuffleSeed: null,
    repeat: 'off',
    problem: null,
  };
  household.played = [{ trackId: TRACK, playedAtMs: 2_000, contextUri: null }];
}

/** What both clients are made to ask for, in this order. */
const ALL_COMMANDS = [
  { kind: 'transfer', speakerId: KITCHEN, isPlaying: true },
  { kind: 'resume', speakerId: KITCHEN },
  { kind: 'play', contextUri: `tonearm:album:${ALBUM_ID}`, index: 1, positionMs: 7 },
  { kind: 'play', contextUri: null, trackIds: [TRACK], index: 0 },
  { kind: 'pause' },
  { kind: 'next' },
  { kind: 'previous' },
  { kind: 'seek', positionMs: 1_234 },
  { kind: 'setRepeat', mode: 'context' },
  { kind: 'setVolume', volume: 30 },
  { kind: 'setShuffle', isOn: true },
  { kind: 'enqueue', trackId: TRACK },
];

describe('@spotify/web-api-ts-sdk', () => {
  function client(bearer = token): SpotifyApi {
    const access: AccessToken = { access_token: bearer, token_type: 'Bearer', expires_in: 3600, refresh_token: '' };
    return SpotifyApi.withAccessToken('client', access, {
      fetch: (url, init) => fetch(String(url).replace('https://api.spotify.com', `http://127.0.0.1:${port}`), init),
    });
  }

  it('commands the player', async () => {
    const { player } = client();
    await player.transferPlayback([KITCHEN], true);
    await player.startResumePlayback(KITCHEN);
    await player.startResumePlayback(KITCHEN, ALBUM_URI, undefined, { position: 1 }, 7);
    await player.startResumePlayback(KITCHEN, undefined, [TRACK_URI]);
    await player.pausePlayback(KITCHEN);
    await player.skipToNext(KITCHEN);
    await player.skipToPrevious(KITCHEN);
    await player.seekToPosition(1_234, KITCHEN);
    await player.setRepeatMode('context', KITCHEN);
    await player.setPlaybackVolume(30, KITCHEN);
    await player.togglePlaybackShuffle(true, KITCHEN);
    await player.addItemToPlaybackQueue(TRACK_URI, KITCHEN);
    expect(asked()).toMatchObject(ALL_COMMANDS);
  });

  it('reads the player', async () => {
    play();
    const { player } = client();
    const state = await player.getPlaybackState();
    expect(state).toMatchObject({ is_playing: true, progress_ms: 5_000, item: { name: 'Tone 1' } });
    expect(state.actions).toMatchObject({ resuming: true, pausing: false });
    expect((await player.getCurrentlyPlayingTrack()).item).toMatchObject({ id: TRACK });
    expect((await player.getAvailableDevices()).devices).toMatchObject([{ id: KITCHEN, type: 'Speaker' }]);
    expect(await player.getUsersQueue()).toMatchObject({ currently_playing: { id: TRACK }, queue: [{}] });
    expect((await player.getRecentlyPlayedTracks(10)).items).toMatchObject([{ track: { id: TRACK } }]);
  });

  it('reads the neighbours', async () => {
    const api = client();
    expect(await api.currentUser.profile()).toMatchObject({ type: 'user', product: 'premium' });
    const found = await api.search('tone', ['track', 'album', 'artist', 'playlist']);
    expect([found.tracks.total, found.albums.total, found.artists.total, found.playlists.total]).toEqual([3, 1, 1, 0]);
    expect(await api.tracks.get(TRACK)).toMatchObject({ id: TRACK });
    expect(await api.tracks.get([TRACK])).toMatchObject([{ id: TRACK }]);
    expect(await api.albums.get(ALBUM_ID)).toMatchObject({ total_tracks: 3, tracks: { total: 3 } });
    expect((await api.albums.tracks(ALBUM_ID, undefined, 2)).items).toHaveLength(2);
    expect(await api.artists.get(ARTIST.id)).toMatchObject({ name: 'The Oscillators' });
    expect((await api.artists.albums(ARTIST.id)).items).toMatchObject([{ id: ALBUM_ID }]);
    expect((await api.artists.topTracks(ARTIST.id, 'AT')).tracks).toHaveLength(3);
    expect((await api.currentUser.playlists.playlists()).items).toMatchObject([{ id: PLAYLIST.id }]);
    expect((await api.playlists.getPlaylistItems(PLAYLIST.id)).items).toMatchObject([
      { track: { name: 'Tone 3' } },
      {},
      {},
    ]);
    expect((await api.playlists.getPlaylist(PLAYLIST.id)).tracks.total).toBe(3);
    expect((await api.currentUser.tracks.savedTracks()).items).toHaveLength(3);
    expect(await api.currentUser.tracks.hasSavedTracks([ABSENT, TRACK])).toEqual([false, true]);
    await expect(api.playlists.getPlaylist(ABSENT)).rejects.toThrow('404');
  });

  it('hears a refusal', async () => {
    bench.household.answer = refused(new TonearmError('session.no-active-speaker', 'none is chosen'));
    await expect(client().player.skipToNext('')).rejects.toThrow('NO_ACTIVE_DEVICE');
  });

  it('is told to sign in again, and what it may not do', async () => {
    // The library's own words for 401.
    await expect(client('forged').player.getAvailableDevices()).rejects.toThrow('Bad or expired token');
    const reader = client(await tokenFor(['user-read-playback-state']));
    expect((await reader.player.getAvailableDevices()).devices).toHaveLength(1);
    await expect(reader.player.pausePlayback(KITCHEN)).rejects.toThrow('user-modify-playback-state');
    expect(asked()).toEqual([]);
  });
});

describe('spotify-web-api-node', () => {
  const original = webApiRequest.builder;
  beforeAll(() => {
    api.setAccessToken(token);
    webApiRequest.builder = (token: string) => original(token).withHost('127.0.0.1').withPort(port).withScheme('http');
  });
  afterAll(() => {
    webApiRequest.builder = original;
  });
  const api = new SpotifyWebApi();
  const on = { device_id: KITCHEN };

  it('commands the player', async () => {
    await api.transferMyPlayback([KITCHEN], { play: true });
    await api.play(on);
    await api.play({ ...on, context_uri: ALBUM_URI, offset: { position: 1 }, position_ms: 7 });
    await api.play({ ...on, uris: [TRACK_URI] });
    await api.pause(on);
    await api.skipToNext(on);
    await api.skipToPrevious(on);
    await api.seek(1_234, on);
    await api.setRepeat('context', on);
    await api.setVolume(30, on);
    await api.setShuffle(true, on);
    await api.addToQueue(TRACK_URI, on);
    expect(asked()).toMatchObject(ALL_COMMANDS);
  });

  it('reads the player', async () => {
    play();
    expect((await api.getMyCurrentPlaybackState()).body).toMatchObject({ is_playing: true, item: { name: 'Tone 1' } });
    expect((await api.getMyCurrentPlayingTrack()).body.item).toMatchObject({ id: TRACK });
    expect((await api.getMyDevices()).body.devices).toMatchObject([{ id: KITCHEN }]);
    expect((await api.getMyRecentlyPlayedTracks({ limit: 5 })).body.items).toMatchObject([{ track: { id: TRACK } }]);
  });

  it('reads the neighbours', async () => {
    expect((await api.getMe()).body).toMatchObject({ type: 'user' });
    expect((await api.searchTracks('tone')).body.tracks?.total).toBe(3);
    expect((await api.getTrack(TRACK)).body).toMatchObject({ id: TRACK });
    expect((await api.getAlbums([ALBUM_ID])).body.albums).toMatchObject([{ id: ALBUM_ID }]);
    expect((await api.getAlbumTracks(ALBUM_ID, { limit: 1 })).body.next).toContain(`127.0.0.1:${port}/v1/albums/`);
    expect((await api.getArtistTopTracks(ARTIST.id, 'AT')).body.tracks).toHaveLength(3);
    expect((await api.getArtistAlbums(ARTIST.id)).body.items).toMatchObject([{ id: ALBUM_ID }]);
    expect((await api.getUserPlaylists()).body).toMatchObject({ items: [{ name: 'Evening' }], total: 1 });
    expect((await api.getPlaylistTracks(PLAYLIST.id, { limit: 2 })).body.items).toHaveLength(2);
    expect((await api.containsMySavedAlbums([ALBUM_ID])).body).toEqual([true]);
    await expect(api.getPlaylistTracks(ABSENT)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('hears a refusal with its reason', async () => {
    bench.household.answer = refused(new TonearmError('session.no-next-track', 'the queue ends here'));
    await expect(api.skipToNext()).rejects.toMatchObject({
      statusCode: 403,
      body: { error: { reason: 'NO_NEXT_TRACK' } },
    });
  });
});
