/** An edge as the process that people run, before a real origin that counts what it is asked. */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PIECE_BYTES } from '#bridge/adapters/edge-door/edge-limits';
import { FILE_PATH, HEAD_PATH, SPEAKER_HEADER } from '#protocol/wire/versions';
import { CountingOrigin, createOriginFile } from '#sim/edge/counting-origin';
import { EdgeProcess } from '#sim/edge/edge-process';

const SLICE = 256 * 1024;
const file = createOriginFile(1, 1_000_000);
const other = createOriginFile(2, 300_000);
const long = createOriginFile(3, 24 * 1024 * 1024);

let folder = '';
let origin: CountingOrigin;
let edge: EdgeProcess;
let authorization = '';

const start = (args: readonly string[] = []) => EdgeProcess.start({ origin: origin.url, cacheFolder: folder, args });
const urlOf = (id: string, path = FILE_PATH) => `${edge.url}${path}/${id}`;
const get = (id: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  fetch(urlOf(id), { method, headers: { authorization, ...headers } });
const bodyOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());
const range = (first: number, last: number) => ({ range: `bytes=${first}-${last}` });
const isPart = async (answer: Response, first: number, end: number) =>
  answer.status === 206 && (await bodyOf(answer)).equals(Buffer.from(file.bytes.subarray(first, end)));

/** The request line as it stands, which `fetch` would tidy up. */
function statusOfPath(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ port: edge.port, host: '127.0.0.1', path, headers: { authorization } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject).end();
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tonearm-edge-'));
  origin = await CountingOrigin.start([file, other, long]);
  authorization = await origin.bearer([file.fileId, long.fileId]);
  edge = await start();
});

afterEach(async () => {
  await edge.stop();
  await origin.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('tonearm edge', () => {
  it('fetches each slice once, serves it warm, after a restart, and with its origin dead', async () => {
    expect(await isPart(await get(file.fileId, range(SLICE - 10, SLICE + 9)), SLICE - 10, SLICE + 10)).toBe(true);
    expect((await bodyOf(await get(file.fileId))).equals(Buffer.from(file.bytes))).toBe(true);
    expect((await bodyOf(await get(file.fileId))).equals(Buffer.from(file.bytes))).toBe(true);
    expect(origin.asked.length).toBe(4);
    const head = await fetch(urlOf(file.fileId, HEAD_PATH), { headers: { authorization } });
    expect((await bodyOf(head)).equals(Buffer.from(file.bytes.subarray(0, 60_000)))).toBe(true);
    await edge.stop();
    await origin.leave();
    edge = await start();
    expect((await bodyOf(await get(file.fileId))).equals(Buffer.from(file.bytes))).toBe(true);
    const again = await fetch(urlOf(file.fileId, HEAD_PATH), { headers: { authorization } });
    expect((await bodyOf(again)).length).toBe(60_000);
    expect((await get(long.fileId, range(0, 9))).status).toBe(502);
    expect(origin.asked.length).toBe(5);
  });

  it('answers ranges exactly, and refuses malformed ones', async () => {
    const size = file.bytes.length;
    const whole = await get(file.fileId, {}, 'HEAD');
    expect([whole.status, whole.headers.get('content-length'), whole.headers.get('etag')]).toEqual([
      200,
      '1000000',
      `"${file.fileId}"`,
    ]);
    const first = await get(file.fileId, range(5, 8));
    expect([first.headers.get('content-range'), first.headers.get('accept-ranges')]).toEqual([
      `bytes 5-8/${size}`,
      'bytes',
    ]);
    await first.arrayBuffer();
    expect(await isPart(await get(file.fileId, { range: 'bytes=-7' }), size - 7, size)).toBe(true);
    expect(await isPart(await get(file.fileId, { range: 'bytes=999990-' }), size - 10, size)).toBe(true);
    expect(await isPart(await get(file.fileId, range(999_990, 5_000_000)), size - 10, size)).toBe(true);
    for (const bad of [
      'bytes=',
      'bytes=-',
      'bytes=-0',
      'bytes=9-8',
      'bytes=0-1,4-5',
      'lines=0-1',
      'bytes=1000000-',
      'bytes= 0-1',
      'bytes=0x1-2',
    ]) {
      const answer = await get(file.fileId, { range: bad });
      expect([bad, answer.status, answer.headers.get('content-range')]).toEqual([bad, 416, `bytes */${size}`]);
      await answer.arrayBuffer();
    }
    expect((await get(file.fileId, { ...range(0, 1), 'if-range': '"other"' })).status).toBe(200);
  });

  it('opens nothing without a token that is good now, for this file and this speaker', async () => {
    const nowS = Math.floor(Date.now() / 1000);
    const speaker = 'S'.repeat(22);
    const kinds: Readonly<Record<string, string>> = {
      none: '',
      forged: `${authorization.slice(0, -6)}AAAAAA`,
      expired: await origin.bearer([file.fileId], { exp: nowS - 1 }),
      early: await origin.bearer([file.fileId], { nbf: nowS + 600 }),
      'other file': await origin.bearer([other.fileId]),
      'other house': await origin.bearer([file.fileId], { iss: 'next door' }),
    };
    for (const [kind, token] of Object.entries(kinds)) {
      expect([kind, (await get(file.fileId, { ...range(0, 1), authorization: token })).status]).toEqual([kind, 403]);
    }
    const theirs = { ...range(0, 1), [SPEAKER_HEADER]: speaker };
    expect((await get(file.fileId, theirs)).status).toBe(403);
    expect(origin.asked).toEqual([]);
    const revoked = await origin.bearer([file.fileId], { jti: 'to-be-revoked' });
    expect((await get(file.fileId, { ...range(0, 1), authorization: revoked })).status).toBe(206);
    origin.revocations = { revision: 1, entries: [{ kind: 'token', jti: 'to-be-revoked', until: nowS + 9_999 }] };
    await expect
      .poll(async () => (await get(file.fileId, { ...range(0, 1), authorization: revoked })).status, { timeout: 5_000 })
      .toBe(403);
    expect(await edge.metric('tonearm_edge_token_refusals_total{reason="revoked"}')).toBeGreaterThan(0);
  });

  it('lets no path lead anywhere', async () => {
    const paths = [
      `${FILE_PATH}/../keys`,
      `${FILE_PATH}/..%2f..%2fetc%2fpasswd`,
      `${FILE_PATH}/`,
      `${FILE_PATH}/${'A'.repeat(64)}`,
      `${FILE_PATH}/${file.fileId}/x`,
      `${FILE_PATH}/${file.fileId}?x=1`,
    ];
    for (const path of paths) expect([path, await statusOfPath(path)]).toEqual([path, 400]);
    expect(await statusOfPath('/')).toBe(404);
    expect((await get(file.fileId, {}, 'POST')).status).toBe(405);
    expect(origin.asked).toEqual([]);
  });

  it('keeps nothing that the origin should not have sent, nor a slice that its disk has changed', async () => {
    for (const kind of ['fails', 'whole', 'other-range', 'cut'] as const) {
      origin.misbehaviour = kind;
      expect([kind, (await get(file.fileId, range(0, 99))).status]).toEqual([kind, 502]);
    }
    origin.misbehaviour = 'none';
    expect(await isPart(await get(file.fileId, range(0, 99)), 0, 100)).toBe(true);
    await edge.stop();
    const slots = await open(join(folder, 'files.slots'), 'r+');
    await slots.write(Uint8Array.of(1, 2, 3), 0, 3, 50);
    await slots.close();
    edge = await start();
    expect(await isPart(await get(file.fileId, range(0, 99)), 0, 100)).toBe(true);
    expect(await edge.metric('tonearm_edge_corrupt_slices_total{store="slices"}')).toBe(1);
  });

  it('holds little for readers that take nothing, and serves others meanwhile', async () => {
    await bodyOf(await get(long.fileId));
    const sockets = Array.from({ length: 200 }, () => {
      const socket = connect(edge.port, '127.0.0.1').pause();
      socket.on('error', () => undefined);
      socket.write(`GET ${FILE_PATH}/${long.fileId} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`);
      return socket;
    });
    try {
      const waiting = () => edge.metric('tonearm_edge_waiting_readers');
      await expect.poll(waiting, { timeout: 10_000 }).toBe(200);
      // A piece each waits, and at most one more above the mark at which writing stops.
      expect(await edge.metric('tonearm_edge_waiting_bytes')).toBeLessThan(200 * 3 * PIECE_BYTES);
      expect(await isPart(await get(file.fileId, range(0, 99)), 0, 100)).toBe(true);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await expect.poll(() => edge.metric('tonearm_edge_waiting_bytes'), { timeout: 5_000 }).toBe(0);
  });

  it('says how it is, and refuses settings that are wrong by name', async () => {
    expect(await (await fetch(`${edge.url}/healthz`)).json()).toMatchObject({ status: 'ok' });
    expect((await fetch(`${edge.url}/readyz`)).status).toBe(200);
    await expect(start(['--size', '1K'])).rejects.toThrow('--size must be a size of at least 16M');
  });

  it('leaves a cache folder to the edge that has it, and takes over that of one that was killed', async () => {
    await expect(start()).rejects.toThrow('another edge is using the cache folder');
    expect(await isPart(await get(file.fileId, range(0, 99)), 0, 100)).toBe(true);
    edge.program.kill('SIGKILL');
    await edge.program.waitForExit(5_000);
    edge = await start();
    expect(await isPart(await get(file.fileId, range(0, 99)), 0, 100)).toBe(true);
  });
});
