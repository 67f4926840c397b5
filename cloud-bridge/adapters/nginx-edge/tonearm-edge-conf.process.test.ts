/** The nginx configuration, run by a real nginx before a real origin that counts what it is asked. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AUTHORISE_PATH, FILE_PATH, HEAD_PATH } from '#protocol/wire/versions';
import { CountingOrigin, createOriginFile } from '#sim/edge/counting-origin';
import { missingForNginx, NginxProcess } from '#sim/edge/nginx-process';

const missing = missingForNginx();
if (missing !== null) console.warn(`skipped: ${missing}`);

const file = createOriginFile(1, 1_000_000);
/** `max-age` of the origin's yes. */
const TOKEN_BELIEVED_MS = 2_000;
/** A token that ends soon, and after it has. */
const SHORT_LIFE_S = 5;
const path = `${FILE_PATH}/${file.fileId}`;
const slicesAsked = (origin: CountingOrigin) => origin.asked.filter((line) => line.startsWith('file')).length;

describe.skipIf(missing !== null)('nginx as an edge', () => {
  let origin: CountingOrigin;
  let nginx: NginxProcess;
  let authorization = '';

  beforeEach(async () => {
    origin = await CountingOrigin.start([file]);
    authorization = await origin.bearer([file.fileId]);
    nginx = await NginxProcess.startEdge(origin.port);
  });

  afterEach(async () => {
    await nginx.stop();
    await origin.stop();
  });

  const get = (from: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(nginx.url + from, { headers: { authorization, ...headers } });
  const bodyOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

  it('serves ranges exactly, and the whole', async () => {
    const part = await get(path, { range: 'bytes=262100-262199' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 262100-262199/1000000']);
    expect((await bodyOf(part)).equals(Buffer.from(file.bytes.subarray(262_100, 262_200)))).toBe(true);
    expect((await bodyOf(await get(path))).equals(Buffer.from(file.bytes))).toBe(true);
    expect(slicesAsked(origin)).toBe(4);
    expect((await get(path, { range: 'bytes=2000000-' })).status).toBe(416);
    const head = await get(`${HEAD_PATH}/${file.fileId}`);
    expect((await bodyOf(head)).equals(Buffer.from(file.bytes.subarray(0, 60_000)))).toBe(true);
  });

  it('refuses ranges of malformed kinds', async () => {
    const odd = [
      'bytes=',
      'bytes=-',
      'bytes=-0',
      'bytes=9-8',
      'bytes=0-1,4-5',
      'lines=0-1',
      'bytes=1000000-',
      'bytes= 0-1',
    ];
    for (const range of [...odd, 'bytes=0x1-2', `bytes=0-${'9'.repeat(40)}`]) {
      const answer = await get(path, { range });
      expect([range, answer.status]).toEqual([range, 416]);
      await answer.arrayBuffer();
    }
    const last = await get(path, { range: 'bytes=-7' });
    expect((await bodyOf(last)).equals(Buffer.from(file.bytes.subarray(-7)))).toBe(true);
  });

  it('refuses who has no token, and whatever is no file', async () => {
    expect((await get(path, { authorization: 'Bearer forged' })).status).toBe(403);
    expect((await fetch(nginx.url + path)).status).toBe(403);
    for (const odd of [AUTHORISE_PATH, '/tonearm-authorise', `${FILE_PATH}/x`, `${path}/x`, '/']) {
      expect([odd, (await get(odd)).status]).toEqual([odd, 404]);
    }
    expect(slicesAsked(origin)).toBe(0);
  });

  it('asks for each slice once however many wait for it, and for a token once in a while', async () => {
    origin.delayMs = 200;
    const answers = await Promise.all(Array.from({ length: 50 }, () => get(path, { range: 'bytes=0-65535' })));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([206]));
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    expect(slicesAsked(origin)).toBe(1);
    expect(origin.asked.filter((line) => line === `authorise ${path}`).length).toBeLessThan(5);
  });

  it('goes on without its origin for whom it knows, and says that it cannot for others', async () => {
    const short = await origin.bearer([file.fileId], { exp: Math.floor(Date.now() / 1000) + SHORT_LIFE_S });
    const endsAt = performance.now() + SHORT_LIFE_S * 1_000;
    await bodyOf(await get(path, { authorization: short }));
    await bodyOf(await get(path));
    await origin.leave();
    const leftAt = performance.now();
    // Past the time for which a yes is believed, so that it is the stale one that opens.
    const isPast = () => performance.now() - leftAt > TOKEN_BELIEVED_MS * 1.25;
    await expect.poll(isPast, { timeout: 5_000, interval: 250 }).toBe(true);
    expect((await bodyOf(await get(path))).equals(Buffer.from(file.bytes))).toBe(true);
    expect(performance.now()).toBeLessThan(endsAt);
    expect((await get(path, { authorization: short })).status).toBe(200);
    const statusOfShort = async () => (await get(path, { authorization: short, range: 'bytes=0-0' })).status;
    await expect.poll(statusOfShort, { timeout: 10_000, interval: 250 }).toBe(503);
    expect(performance.now()).toBeGreaterThan(endsAt - 2_000);
    expect((await get(path)).status).toBe(200);
    const stranger = await get(path, { authorization: 'Bearer eystranger' });
    expect([stranger.status, stranger.headers.get('retry-after')]).toEqual([503, '1']);
  });
});
