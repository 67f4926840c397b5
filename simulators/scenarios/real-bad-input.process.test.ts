/**
 * What a person or a stranger can do wrong from outside, on the real programs: each is refused in words that name what
 * was wrong, and the house goes on.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { encodeWav } from '#sim/music/wav-file';
import { ChildProgram } from '#sim/processes/child-program';
import { HouseholdProcesses } from '#sim/processes/household-processes';

const ROOT = join(import.meta.dirname, '..', '..');
const BRIDGE = join(ROOT, 'cloud-bridge', 'app', 'main.ts');
const SPEAKER = join(ROOT, 'device', 'app', 'main.ts');
const EXIT_USAGE = 2;
const EXIT_WITHIN_MS = 15_000;

describe('bad input from outside', { timeout: 60_000 }, () => {
  let house: HouseholdProcesses;

  beforeAll(async () => {
    house = await HouseholdProcesses.create();
    const music = join(house.folder, 'music');
    await mkdir(music);
    const noise = fingerprintTrack(5, 48_000);
    await writeFile(join(music, '01 good.wav'), encodeWav({ left: noise, right: noise, rate: 48_000 }));
    await writeFile(join(music, '02 not music.mp3'), 'This is a shopping list: milk, bread, strings.');
    await writeFile(join(music, '03 empty.flac'), '');
    await house.startBridge({ music });
    await house
      .phone()
      .until('ingested', ({ ingest }) => !ingest.isRunning && ingest.done + ingest.failed >= 3, 30_000);
  }, 60_000);

  afterAll(async () => {
    await house?.stop();
  });

  it.each([
    ['a port that is no port', BRIDGE, ['--port', '99999'], /--port/],
    ['a flag nobody knows', BRIDGE, ['--colour', 'blue'], /--colour/],
    ['a music folder that is not there', BRIDGE, ['--music', '/nowhere/at/all'], /\/nowhere\/at\/all/],
    ['a sink nobody knows', SPEAKER, ['--sink', 'trumpet'], /--sink/],
    ['a bridge that is no address', SPEAKER, ['--bridge', 'not an address'], /--bridge/],
    ['a latency beyond reason', SPEAKER, ['--latency', '-5'], /--latency/],
  ])('%s: exits with 2 and names it', async (_, main, args, named) => {
    const program = new ChildProgram('program', process.execPath, [
      main,
      '--data',
      join(house.folder, 'other'),
      '--no-mdns',
      ...args,
    ]);
    expect(await program.waitForExit(EXIT_WITHIN_MS)).toBe(EXIT_USAGE);
    expect(program.output()).toMatch(named);
    expect(program.output()).not.toMatch(/\bat .*\.ts:\d+/);
  });

  it('a port in use: exits with 2 and names the port', async () => {
    const args = [
      BRIDGE,
      '--data',
      join(house.folder, 'other'),
      '--no-mdns',
      '--host',
      '127.0.0.1',
      '--port',
      String(house.port),
    ];
    const program = new ChildProgram('bridge', process.execPath, args);
    expect(await program.waitForExit(EXIT_WITHIN_MS)).toBe(EXIT_USAGE);
    expect(program.output()).toContain(String(house.port));
  });

  it('data that another bridge uses: exits with 2 and says so', async () => {
    const args = [BRIDGE, '--data', join(house.folder, 'bridge'), '--no-mdns', '--host', '127.0.0.1', '--port', '0'];
    const program = new ChildProgram('bridge', process.execPath, args);
    expect(await program.waitForExit(EXIT_WITHIN_MS)).toBe(EXIT_USAGE);
    expect(program.output()).toContain('config.data-locked');
  });

  it('files that are not music are named with a reason, and the good one is there', async () => {
    const { ingest } = await house.phone().household();
    expect(ingest).toMatchObject({ done: 1, failed: 2 });
    expect(ingest.failures.map((it) => it.path.split('/').at(-1)).sort()).toEqual([
      '02 not music.mp3',
      '03 empty.flac',
    ]);
    for (const failure of ingest.failures) expect(failure.error.message).not.toBe('');
  });

  it.each([
    ['PUT', '/v1/me/player/seek?position_ms=soon', undefined, 400, 'position_ms'],
    ['PUT', '/v1/me/player/volume?volume_percent=101', undefined, 400, 'volume_percent'],
    ['PUT', '/v1/me/player/repeat?state=forever', undefined, 400, 'state'],
    ['PUT', '/v1/me/player/play', { uris: 'tonearm:track:1' }, 400, 'uris'],
    ['PUT', '/v1/me/player/play', { context_uri: 'nonsense' }, 400, 'context_uri'],
    ['PUT', '/v1/me/player', { device_ids: [] }, 400, 'device_ids'],
    ['POST', '/tonearm/v1/ingest', { folder: '/nowhere/at/all' }, 404, '/nowhere/at/all'],
    ['POST', '/tonearm/v1/ingest', { folder: 7 }, 400, 'folder'],
    ['GET', '/tonearm/v1/tracks?limit=1000000', undefined, 400, 'limit'],
    ['GET', '/v1/tracks/short', undefined, 400, 'id'],
    ['GET', '/no/such/door', undefined, 404, ''],
  ])('%s %s %j is refused with %i naming "%s"', async (method, path, body, status, named) => {
    const answer = await house.phone().call(method, path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    expect(JSON.stringify(answer.body)).toContain(named);
    expect(answer.body).toHaveProperty('error');
  });

  it('a body beyond the limit is refused before it is read', async () => {
    const answer = await house.phone().call('PUT', '/v1/me/player/play', { context_uri: 'x'.repeat(300_000) });
    expect(answer.status).toBe(413);
  });

  it.each([
    ['not JSON', '{"kind":', 4000],
    ['a message out of order', JSON.stringify({ kind: 'heartbeat', sequence: 1 }), 4000],
    ['an unknown kind', JSON.stringify({ kind: 'sing' }), 4000],
    ['a hello of another age', JSON.stringify(hello({ protocol: 99 })), 4002],
    ['a field of the wrong type', JSON.stringify(hello({ resume: 'yesterday' })), 4000],
    ['too large a message', JSON.stringify(hello({ padding: 'x'.repeat(100_000) })), 1009],
  ])('%s on the Connect socket closes that socket with its reason, and no other', async (_, text, code) => {
    expect(await closeCodeAfter(`ws://127.0.0.1:${house.port}/connect/v1`, text)).toBe(code);
    expect((await house.phone().call('GET', '/tonearm/v1/health')).status).toBe(200);
  });
});

function hello(changes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    kind: 'hello',
    protocol: 1,
    speaker: { id: 'AAAABBBBCCCCDDDD', name: 'Stranger', model: 'none', version: '0' },
    capabilities: { hasVolume: true, codecs: ['opus'] },
    resume: null,
    ...changes,
  };
}

function closeCodeAfter(url: string, text: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'tonearm.connect.v1');
    socket.on('open', () => socket.send(text));
    socket.on('close', (code) => resolve(code));
    socket.on('error', reject);
  });
}
