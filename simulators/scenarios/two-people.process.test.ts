/**
 * An evening of two people in one house, with real processes: the first owner comes in by the link that the bridge logged,
 * invites another, and each plays something else in another room. Neither can break the other's music.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { encodeWav } from '#sim/music/wav-file';
import { comeIn } from '#sim/processes/come-in';
import { HouseholdProcesses, type RunningSpeaker } from '#sim/processes/household-processes';
import { RestPhone } from '#sim/processes/rest-phone';

const RATE = 48_000;
const SECONDS = 60;
const WITHIN_MS = 30_000;
const TEST_WITHIN_MS = 90_000;

let house: HouseholdProcesses;
let olga: RestPhone;
let ben: RestPhone;
let kitchen: RunningSpeaker;
let bedroom: RunningSpeaker;
let tracks: readonly string[];
let welcome = '';
let owner: Awaited<ReturnType<typeof comeIn>>;

beforeAll(async () => {
  house = await HouseholdProcesses.create();
  const music = join(house.folder, 'music');
  await mkdir(music);
  for (const n of [1, 2]) {
    const samples = fingerprintTrack(30 + n, SECONDS * RATE);
    await writeFile(join(music, `0${n} Track.wav`), encodeWav({ left: samples, right: samples, rate: RATE }));
  }
  const bridge = await house.startBridge({ music, access: 'required' });
  const { link } = await bridge.waitForEvent('bridge.welcome', WITHIN_MS);
  welcome = new URL(String(link)).hash.slice(1);
  owner = await comeIn(String(link), { name: 'Olga' });
  olga = new RestPhone(owner.url, owner.headers);
  [kitchen, bedroom] = [await takenIn('Kitchen'), await takenIn('Bedroom')];
  // Both can be played; their other qualities are nobody's concern here.
  await olga.until('tracks that play', ({ ingest }) => ingest.done === 2, WITHIN_MS);
  const { items } = (await olga.command('GET', '/tonearm/v1/tracks')) as { items: { uri: string }[] };
  tracks = items.map(({ uri }) => uri);
}, TEST_WITHIN_MS);
afterAll(() => house.stop());

/** A speaker that was nobody's, and is the house's by the code that it has logged. */
async function takenIn(name: string): Promise<RunningSpeaker> {
  const speaker = await house.startSpeaker({ name, bridge: null });
  const { code } = await speaker.program.waitForEvent('pairing.code', WITHIN_MS);
  const { lanPort } = await speaker.program.waitForEvent('speaker.ready', WITHIN_MS);
  await olga.command('POST', '/tonearm/v1/pairings', { address: `127.0.0.1:${lanPort}`, code });
  await speaker.program.waitForEvent('speaker.connected', WITHIN_MS);
  return speaker;
}

function play(phone: RestPhone, speaker: RunningSpeaker, track: string | undefined): Promise<unknown> {
  return phone.command('PUT', `/v1/me/player/play?device_id=${speaker.id}`, { uris: [track] });
}

/** What is heard there, as this person sees it. */
async function playing(phone: RestPhone, speaker: RunningSpeaker): Promise<string | undefined> {
  const { session } = await phone.until(
    'playing',
    (it) => it.session.playback === 'playing' && it.session.positionMs > 0 && it.session.activeSpeakerId === speaker.id,
    WITHIN_MS,
  );
  return session.track?.uri;
}

describe('two people in one house', { timeout: TEST_WITHIN_MS }, () => {
  it('come in by a link each, and one of them is not the other’s owner', async () => {
    const { id } = (await olga.command('POST', '/tonearm/v1/people', { name: 'Ben' })) as { id: string };
    const { link } = (await olga.command('POST', `/tonearm/v1/people/${id}/links`, {})) as { link: string };
    const entered = await comeIn(link);
    ben = new RestPhone(entered.url, entered.headers);
    expect((await ben.call('GET', '/tonearm/v1/me')).body).toMatchObject({ name: 'Ben', role: 'member' });
    expect((await ben.call('DELETE', `/tonearm/v1/people/${id}`)).status).toBe(403);
    await expect(comeIn(link)).rejects.toThrow('403');
    // The owner's is told once, in the line that is meant for the owner; nobody else's is told at all.
    const timesTold = (secret: string) => house.output().split(secret).length - 1;
    expect([timesTold(welcome), timesTold(new URL(link).hash.slice(1))]).toEqual([1, 0]);
    for (const { headers } of [entered, owner]) expect(timesTold(headers['cookie']?.split('=')[1] ?? '=')).toBe(0);
  });

  it('play in two rooms at once, and what one does the other does not hear', async () => {
    await play(olga, kitchen, tracks[0]);
    await play(ben, bedroom, tracks[1]);
    expect(await playing(ben, bedroom)).toBe(tracks[1]);
    expect(await playing(olga, kitchen)).toBe(tracks[0]);
    await ben.command('PUT', '/v1/me/player/pause');
    await ben.until('paused', ({ session }) => session.playback === 'paused');
    const before = await olga.until('still playing', ({ session }) => session.playback === 'playing');
    await olga.until('going on', ({ session }) => session.positionMs > before.session.positionMs + 500);
    await ben.command('PUT', '/v1/me/player/play');
    expect(await playing(ben, bedroom)).toBe(tracks[1]);
  });

  it('lose nothing when the other goes', async () => {
    const { items } = (await olga.command('GET', '/tonearm/v1/people')) as { items: { id: string; name: string }[] };
    const gone = items.find(({ name }) => name === 'Ben');
    await olga.command('DELETE', `/tonearm/v1/people/${gone?.id}`);
    expect((await ben.call('GET', '/v1/me/player')).status).toBe(401);
    expect(await playing(olga, kitchen)).toBe(tracks[0]);
  });
});
