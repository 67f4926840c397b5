import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { benchTrackId, FILE_ID, FILE_TOKEN, RestBench } from '#sim/relay/rest-bench';

let bench: RestBench;
afterEach(() => bench.close());

const FILE = `/content/v1/files/${FILE_ID}`;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  readonly error: { readonly code?: string };
}

/** Over a real socket: how fast its reader reads is what much of this is about. */
async function call(method: 'GET' | 'HEAD', path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const allowed = { authorization: `Bearer ${FILE_TOKEN}`, ...headers };
  const answer = await fetch(`http://127.0.0.1:${await portOf(bench)}${path}`, { method, headers: allowed });
  const body = Buffer.from(await answer.arrayBuffer());
  const isJson = (answer.headers.get('content-type') ?? '').startsWith('application/json') && body.length > 0;
  return { status: answer.status, headers: answer.headers, body, error: isJson ? JSON.parse(String(body)).error : {} };
}

async function portOf({ door }: RestBench): Promise<number> {
  const address = door.server.address();
  return address !== null && typeof address === 'object' ? address.port : door.listen(0, '127.0.0.1');
}

describe('manifests', () => {
  it('are given, or said to be on the way, and kept by nobody', async () => {
    bench = new RestBench();
    const manifest = await call('GET', `/content/v1/manifests/${benchTrackId(1)}`);
    expect(JSON.parse(String(manifest.body))).toMatchObject({ trackId: benchTrackId(1), token: FILE_TOKEN });
    expect(manifest.headers.get('cache-control')).toBe('no-store');
    const preparing = await call('GET', `/content/v1/manifests/${benchTrackId(2)}`);
    expect([preparing.status, preparing.headers.get('retry-after')]).toEqual([503, '1']);
    expect(preparing.error.code).toBe('content.preparing');
    expect((await call('GET', `/content/v1/manifests/${benchTrackId(9)}`)).status).toBe(404);
  });
});

describe('files', () => {
  it('are given whole, described by HEAD, and kept for ever', async () => {
    bench = new RestBench();
    const whole = await call('GET', FILE);
    expect([whole.status, whole.body.length]).toEqual([200, 1_000]);
    const head = await call('HEAD', FILE);
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(Object.fromEntries(head.headers)).toMatchObject({
      'content-length': '1000',
      'accept-ranges': 'bytes',
      etag: `"${FILE_ID}"`,
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect(bench.piecesRead).toBe(1);
  });

  it('are given to nobody without their token', async () => {
    bench = new RestBench();
    for (const authorization of ['', 'Bearer', 'Bearer wrong', `Basic ${FILE_TOKEN}`, FILE_TOKEN]) {
      const answer = await call('GET', FILE, { authorization });
      expect([answer.status, answer.error.code]).toEqual([403, 'content.token-refused']);
    }
  });

  it('are given in exactly the range that was asked for', async () => {
    bench = new RestBench();
    bench.fileSizeBytes = 200_000;
    const whole = (await call('GET', FILE)).body;
    const place = fc.nat(199_999);
    await fc.assert(
      fc.asyncProperty(place, place, async (one, other) => {
        const [first, last] = one < other ? [one, other] : [other, one];
        const part = await call('GET', FILE, { range: `bytes=${first}-${last}` });
        expect(part.status).toBe(206);
        expect(part.headers.get('content-range')).toBe(`bytes ${first}-${last}/200000`);
        expect(part.body.equals(whole.subarray(first, last + 1))).toBe(true);
      }),
      { numRuns: 30 },
    );
    const head = await call('HEAD', FILE, { range: 'bytes=-5' });
    expect([head.status, head.headers.get('content-length'), head.headers.get('content-range')]).toEqual([
      206,
      '5',
      'bytes 199995-199999/200000',
    ]);
  });

  it('refuse other ranges with 416 and their size', async () => {
    bench = new RestBench();
    for (const range of ['bytes=1000-', 'bytes=5-1', 'bytes=0-1,4-5', 'octets=0-1', 'bytes=-0', 'nonsense']) {
      const answer = await call('GET', FILE, { range });
      expect([answer.status, answer.error.code]).toEqual([416, 'content.range-refused']);
      expect(answer.headers.get('content-range')).toBe('bytes */1000');
    }
    expect(bench.piecesRead).toBe(0);
  });

  it('are whole for a range of another version', async () => {
    bench = new RestBench();
    const range = 'bytes=0-9';
    expect((await call('GET', FILE, { range, 'if-range': '"older"' })).status).toBe(200);
    expect((await call('GET', FILE, { range, 'if-range': `"${FILE_ID}"` })).status).toBe(206);
  });
});

describe('a reader of a large file', () => {
  const PIECE_BYTES = 64 * 1024;
  const SIZE_BYTES = 64 * 1024 * 1024;

  async function ask(stalledAfter: number): Promise<Socket> {
    bench = new RestBench({ stalledAfter: ms(stalledAfter) });
    bench.fileSizeBytes = SIZE_BYTES;
    const socket = connect(await portOf(bench), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(`GET ${FILE} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${FILE_TOKEN}\r\n\r\n`);
    return socket;
  }

  it('that takes nothing makes nothing be read beyond what a socket holds, and is cut', async () => {
    const socket = await ask(150);
    socket.pause();
    while (bench.readersEnded === 0) await new Promise((resolve) => setImmediate(resolve));
    // What the two kernels' socket buffers and the streams between hold; the file is many times that.
    expect(bench.piecesRead * PIECE_BYTES).toBeLessThan(SIZE_BYTES / 2);
    socket.resume();
    await once(socket, 'close');
  });

  it('that goes away lets go of the file', async () => {
    const socket = await ask(60_000);
    await once(socket, 'data');
    socket.destroy();
    while (bench.readersEnded === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(bench.piecesRead * PIECE_BYTES).toBeLessThan(SIZE_BYTES);
  });
});
