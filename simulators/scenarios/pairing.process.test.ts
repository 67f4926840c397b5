/**
 * A new speaker in a house that asks who one is, with real processes: the owner comes in by the link that the bridge
 * printed, the speaker is taken in by the code that it printed, and then it plays, over TLS, also after a restart.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { encodeWav } from '#sim/music/wav-file';
import { HouseholdProcesses, type RunningSpeaker } from '#sim/processes/household-processes';

const RATE = 48_000;
const WITHIN_MS = 30_000;
const NAME = 'Kitchen';

let house: HouseholdProcesses;
let cookie = '';

beforeAll(async () => {
  house = await HouseholdProcesses.create();
  const music = join(house.folder, 'music');
  await mkdir(music);
  const samples = fingerprintTrack(21, 20 * RATE);
  await writeFile(join(music, '01 One.wav'), encodeWav({ left: samples, right: samples, rate: RATE }));
  const bridge = await house.startBridge({ music, access: 'required' });
  const { link } = await bridge.waitForEvent('bridge.welcome', WITHIN_MS);
  const token = String(link).split('#')[1];
  const entered = await fetch(`${house.url}/tonearm/v1/links/use`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: house.url },
    body: JSON.stringify({ token, name: 'Owner' }),
  });
  cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}, 60_000);
afterAll(() => house.stop());

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(house.url + path, {
    method,
    headers: { cookie, origin: house.url, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
}

interface Shown {
  readonly speakers: readonly { readonly id: string; readonly isOnline?: boolean }[];
  readonly session: { readonly playback: string; readonly activeSpeakerId: string | null };
}

async function until(what: string, holds: (household: Shown) => boolean): Promise<Shown> {
  let last: unknown;
  for (const giveUpAt = performance.now() + WITHIN_MS; performance.now() < giveUpAt; ) {
    const { body } = await ask('GET', '/tonearm/v1/household');
    if (holds(body as Shown)) return body as Shown;
    last = body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not ${what}: ${JSON.stringify(last)}\n${house.output()}`);
}

/** Started as somebody does who has just unpacked it: it is told of no bridge. */
function startSpeaker(): Promise<RunningSpeaker> {
  return house.startSpeaker({ name: NAME, bridge: null });
}

async function doorOf({ program }: RunningSpeaker): Promise<string> {
  const { lanPort } = await program.waitForEvent('speaker.ready', WITHIN_MS);
  return `127.0.0.1:${lanPort}`;
}

it('is nobody’s, is paired by the code in its log, plays, and comes back by itself', { timeout: 120_000 }, async () => {
  const speaker = await startSpeaker();
  const { code } = await speaker.program.waitForEvent('pairing.code', WITHIN_MS);
  const folder = join(house.folder, `speaker-${NAME}`);
  expect(await readFile(join(folder, 'pairing-code.txt'), 'utf8')).toBe(`${code}\n`);
  const address = await doorOf(speaker);
  const stranger = await fetch(`${house.url}/tonearm/v1/pairings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ address, code }),
  });
  expect(stranger.status).toBe(401);
  const wrong = await ask('POST', '/tonearm/v1/pairings', { address, code: '000 000 000' });
  expect([wrong.status, JSON.stringify(wrong.body).includes('pairing.refused')]).toEqual([403, true]);

  expect(await ask('POST', '/tonearm/v1/pairings', { address, code })).toEqual({
    status: 201,
    body: { id: speaker.id, name: NAME },
  });
  await speaker.program.waitForEvent('speaker.connected', WITHIN_MS);
  const info = await (await fetch(`http://${address}/v1/info`)).json();
  expect(info).toMatchObject({ id: speaker.id, pairing: 'owned', bridge: expect.stringMatching(/^wss:/) });
  await until('known', ({ speakers }) => speakers.some(({ id }) => id === speaker.id));

  await house.bridge.waitForEvent('ingest.done', WITHIN_MS);
  const listed = (await ask('GET', '/tonearm/v1/tracks')).body as { items: { uri: string }[] };
  const play = await ask('PUT', `/v1/me/player/play?device_id=${speaker.id}`, {
    uris: listed.items.map(({ uri }) => uri),
  });
  expect(play, house.output()).toMatchObject({ status: 204 });
  await until('playing', ({ session }) => session.playback === 'playing' && session.activeSpeakerId === speaker.id);

  await speaker.program.stop();
  const again = await startSpeaker();
  expect(again.id).toBe(speaker.id);
  await again.program.waitForEvent('speaker.connected', WITHIN_MS);
  expect(again.program.output()).not.toContain('pairing.code');
  const second = await ask('POST', '/tonearm/v1/pairings', { address: await doorOf(again), code });
  expect(JSON.stringify(second.body)).toContain('pairing.owned');
});
