/**
 * A new speaker in a house that asks who one is, with real processes: the owner comes in by the link that the bridge
 * printed, the speaker is taken in by the code that it printed, and then it plays, over TLS, also after a restart.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { encodeWav } from '#sim/music/wav-file';
import { ChildProgram } from '#sim/processes/child-program';
import { HouseholdProcesses, type RunningSpeaker } from '#sim/processes/household-processes';

const RATE = 48_000;
const WITHIN_MS = 30_000;
const NAME = 'Kitchen';

let house: HouseholdProcesses;
let cookie = '';
const commands: ChildProgram[] = [];

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
afterAll(async () => {
  await Promise.all(commands.map((command) => command.stop()));
  await house.stop();
});

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

/** `tonearm speaker pair`, beside the speaker of this name. */
function pairCommand(name: string, args: readonly string[]): ChildProgram {
  const main = join(import.meta.dirname, '..', '..', 'device', 'app', 'main.ts');
  const all = [main, 'pair', '--data', join(house.folder, `speaker-${name}`), ...args];
  const command = new ChildProgram(`pair ${name}`, process.execPath, all);
  commands.push(command);
  return command;
}

/** What `tonearm speaker doctor` says of the bridge: of each check, how it went. */
async function doctored(name: string, dataFolder = join(house.folder, `speaker-${name}`)): Promise<string[]> {
  const main = join(import.meta.dirname, '..', '..', 'device', 'app', 'main.ts');
  const words = [main, 'doctor', '--no-tone', '--no-mdns', '--data', dataFolder];
  const command = new ChildProgram(`doctor ${name}`, process.execPath, words);
  commands.push(command);
  await command.waitForExit(WITHIN_MS);
  const said = command.output().matchAll(/^.*?(bridge(?: identity| access)?) +(ok|warning|failed|skipped) /gm);
  return [...said].map(([, check, result]) => `${check}: ${result}`);
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
  expect(await doctored(NAME)).toEqual(['bridge: ok', 'bridge access: ok']);
  // Beside it a folder that remembers another certificate.
  const stray = join(house.folder, 'stray');
  await mkdir(stray, { mode: 0o700 });
  const owner = JSON.parse(await readFile(join(folder, 'ownership.json'), 'utf8'));
  const other = JSON.stringify({ ...owner, tlsPin: 'A'.repeat(43) });
  await writeFile(join(stray, 'ownership.json'), other, { mode: 0o600 });
  expect(await doctored('stray', stray)).toEqual(['bridge: failed', 'bridge identity: failed']);

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

  // Renamed, and forgotten: it is nobody's again, and says another code.
  const renamed = await ask('PATCH', `/tonearm/v1/speakers/${speaker.id}`, { name: 'Bath' });
  expect(renamed).toMatchObject({ status: 200, body: { id: speaker.id, name: 'Bath' } });
  expect((await ask('DELETE', `/tonearm/v1/speakers/${speaker.id}`)).status).toBe(204);
  const { code: another } = await again.program.waitForEvent('pairing.code', WITHIN_MS);
  expect(another).not.toBe(code);
  await until('gone', ({ speakers }) => speakers.every(({ id }) => id !== speaker.id));
});

it('is let in by a link where no code can be typed, by who reads its folder alone', { timeout: 120_000 }, async () => {
  const name = 'Attic';
  const speaker = await house.startSpeaker({ name, bridge: null });
  await speaker.program.waitForEvent('pairing.code', WITHIN_MS);
  const { url } = (await ask('GET', '/tonearm/v1/pairings/links')).body as { url: string };
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+#[\w-]{43}$/);

  // Somebody else's key, and no key at all: nobody is asked anything.
  const wrongKey = pairCommand(name, ['--bridge', url.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'))]);
  expect(await wrongKey.waitForExit(WITHIN_MS)).toBe(1);
  expect(wrongKey.output()).toContain('connect.identity-refused');
  const plain = pairCommand(name, ['--bridge', 'http://192.168.1.5:4747']);
  expect(await plain.waitForExit(WITHIN_MS)).toBe(1);
  expect(plain.output()).toContain('https://');

  const command = pairCommand(name, ['--bridge', url]);
  const shown = await command.waitForLine(/^Open https:.*#([A-Z-]+)/, WITHIN_MS);
  const userCode = /#([A-Z-]+)/.exec(shown)?.[1];
  const looked = await ask('POST', '/tonearm/v1/devices/look', { userCode });
  expect(JSON.stringify(looked.body)).toContain(`Tonearm speaker · ${name} (${speaker.id})`);
  expect((await ask('POST', '/tonearm/v1/devices/decide', { userCode, isAllowed: true })).status).toBe(204);
  expect(await command.waitForExit(WITHIN_MS)).toBe(0);
  await speaker.program.waitForEvent('speaker.connected', WITHIN_MS);
  await until('known', ({ speakers }) => speakers.some(({ id }) => id === speaker.id));

  const again = pairCommand(name, []);
  expect(await again.waitForExit(WITHIN_MS)).toBe(1);
  expect(again.output()).toContain('pairing.owned');
});

it('opens its window anew for who reads its folder, with another code', { timeout: 120_000 }, async () => {
  const name = 'Cellar';
  const speaker = await house.startSpeaker({ name, bridge: null });
  const first = await speaker.program.waitForEvent('pairing.code', WITHIN_MS);
  const command = pairCommand(name, []);
  const code = await command.waitForLine(/^\d{3} \d{3} \d{3}$/, WITHIN_MS);
  expect(code).not.toContain(String(first['code']));
  expect(await command.waitForExit(WITHIN_MS)).toBe(0);
  const paired = await ask('POST', '/tonearm/v1/pairings', { address: await doorOf(speaker), code: code.trim() });
  expect(paired.status).toBe(201);
  const elsewhere = pairCommand('Nowhere', []);
  expect(await elsewhere.waitForExit(WITHIN_MS)).toBe(1);
  expect(elsewhere.output()).toContain('connect.unreachable');
});

it('is taken in from the command line by an address and a code, or not', { timeout: 120_000 }, async () => {
  const open = await HouseholdProcesses.create();
  try {
    await open.startBridge();
    const speaker = await open.startSpeaker({ name: 'Porch', bridge: null });
    const { code } = await speaker.program.waitForEvent('pairing.code', WITHIN_MS);
    const address = await doorOf(speaker);
    const pair = (...args: string[]) => {
      const main = join(import.meta.dirname, '..', '..', 'cloud-bridge', 'phone', 'command-line', 'main.ts');
      const command = new ChildProgram('tonearm', process.execPath, [main, 'pair', '--bridge', open.url, ...args]);
      commands.push(command);
      return command;
    };
    const none = pair();
    expect(await none.waitForExit(WITHIN_MS)).toBe(0);
    expect(none.output()).toContain('No new speakers');
    const unknown = pair('porch', '--code', String(code));
    expect(await unknown.waitForExit(WITHIN_MS)).toBe(2);
    expect(unknown.output()).toContain('no new speaker is called');
    const wrong = pair('--address', address, '--code', '000 000 000');
    expect(await wrong.waitForExit(WITHIN_MS)).toBe(1);
    expect(wrong.output()).toContain('pairing.refused');
    const right = pair('--address', address, '--code', String(code));
    expect(await right.waitForExit(WITHIN_MS)).toBe(0);
    expect(right.output()).toContain('Porch belongs to this house now.');
    await speaker.program.waitForEvent('speaker.connected', WITHIN_MS);
  } finally {
    await open.stop();
  }
});

it('is found by its name on the network, and taken in', { timeout: 120_000 }, async () => {
  const open = await HouseholdProcesses.create();
  try {
    await open.startBridge({ hasMdns: true });
    const name = `Garden ${process.pid}`;
    const speaker = await open.startSpeaker({ name, bridge: null, hasMdns: true });
    const { code } = await speaker.program.waitForEvent('pairing.code', WITHIN_MS);
    await expect
      .poll(async () => JSON.stringify(await open.phone().command('GET', '/tonearm/v1/pairings/candidates')), {
        timeout: WITHIN_MS,
        interval: 250,
      })
      .toMatch(new RegExp(`"id":"${speaker.id}"[^}]*"pairing":"open"`));
    const body = { speakerId: speaker.id, code };
    expect(await open.phone().command('POST', '/tonearm/v1/pairings', body)).toEqual({ id: speaker.id, name });
    const isSecure = ({ bridge }: Readonly<Record<string, unknown>>) => String(bridge).startsWith('wss:');
    await speaker.program.waitForEvent('speaker.connected', WITHIN_MS, isSecure);
    const left = JSON.stringify(await open.phone().command('GET', '/tonearm/v1/pairings/candidates'));
    expect(left).not.toContain(speaker.id);
  } finally {
    await open.stop();
  }
});
