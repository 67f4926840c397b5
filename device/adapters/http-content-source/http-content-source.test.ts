import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RangeRequest, retryAfterOf } from '#device/core/ports/chunk-source';
import { createSystemClock } from '#protocol/adapters/system-clock';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { speakerId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import { bytes, ms } from '#protocol/vocabulary/units';
import { edgeReportSchema } from '#protocol/wire/edge-report';
import { MANIFEST_BYTES_MAX } from '#protocol/wire/manifest';
import { parseValue } from '#protocol/wire/schema';
import { type ScriptedAnswer, ScriptedServer } from '#sim/content/scripted-server';
import { rampTrack } from '#sim/speakers/ramp-track';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createHttpContentSource, type HttpContentSource } from './http-content-source.ts';

const { manifest, stored } = rampTrack(1, 10_000);
const file = manifest.files[0];

function rangeOf(offset: number, length: number): RangeRequest {
  if (file === undefined) throw new Error('a ramp has a file');
  return { edgeUrl: '', token: 'tok', fileId: file.fileId, range: { offset: bytes(offset), length: bytes(length) } };
}

function codeOf(outcome: Result<unknown, TonearmError>): string {
  return outcome.ok ? 'ok' : outcome.error.code;
}

describe('HTTP content', () => {
  let server: ScriptedServer;
  let source: HttpContentSource;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    source = createHttpContentSource(createSystemClock());
    source.setBridge(server.url);
  });

  afterEach(async () => {
    source.close();
    await server.stop();
  });

  const partial = (data: Uint8Array, contentRange: string) => (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(206, { 'content-range': contentRange, 'content-length': data.length });
    response.end(data);
  };

  it('fetches a manifest', async () => {
    server.answer = (_, response) => response.end(JSON.stringify(manifest));
    const outcome = await source.fetchManifest(manifest.trackId).outcome;
    expect(outcome).toEqual({ ok: true, value: manifest });
    expect(server.asked[0]?.url).toBe(`/content/v1/manifests/${manifest.trackId}`);
  });

  it('shows its access token to the bridge, and takes the want of another for something that passes', async () => {
    server.answer = (_, response) => response.writeHead(401).end();
    source.setBridge(server.url, speakerId('kitchen-speaker'), { accessToken: 'bearer-of-the-welcome' });
    const outcome = await source.fetchManifest(manifest.trackId).outcome;
    expect(outcome.ok ? null : outcome.error.retryable).toBe(true);
    source.reportEdges([]);
    await expect.poll(() => server.asked.length).toBe(2);
    for (const { headers } of server.asked) expect(headers.authorization).toBe('Bearer bearer-of-the-welcome');
  });

  it('fetches exactly the range, with the token, from the edge that is named', async () => {
    server.answer = partial(stored.subarray(10, 30), `bytes 10-29/${stored.length}`);
    source.setBridge(null);
    const outcome = await source.fetchRange({ ...rangeOf(10, 20), edgeUrl: server.url }).outcome;
    expect(outcome.ok && [...outcome.value]).toEqual([...stored.subarray(10, 30)]);
    expect(server.asked[0]?.headers).toMatchObject({ range: 'bytes=10-29', authorization: 'Bearer tok' });
  });

  it('fetches a head as a whole object of the length that the manifest says', async () => {
    const head = { edgeUrl: server.url, token: 'tok', fileId: rangeOf(0, 1).fileId, length: bytes(30) };
    server.answer = (_, response) => response.end(stored.subarray(0, 30));
    const outcome = await source.fetchHead(head).outcome;
    expect(outcome.ok && [...outcome.value]).toEqual([...stored.subarray(0, 30)]);
    expect(server.asked[0]?.url).toBe(`/content/v1/heads/${head.fileId}`);
    expect(server.asked[0]?.headers).toMatchObject({ authorization: 'Bearer tok' });
    expect(server.asked[0]?.headers.range).toBeUndefined();
    for (const wrong of [29, 31]) {
      server.answer = (_, response) => response.end(stored.subarray(0, wrong));
      expect(codeOf(await source.fetchHead(head).outcome)).toBe('fetch.range-mismatch');
    }
    server.answer = (_, response) => response.writeHead(404).end();
    expect(codeOf(await source.fetchHead(head).outcome)).toBe('content.not-found');
  });

  it('hands on what comes of the right answer, and nothing of a wrong one', async () => {
    const pieces: Uint8Array[] = [];
    const watcher = { arrived: (piece: Uint8Array) => pieces.push(piece) };
    server.answer = (_, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-19/${stored.length}`, 'content-length': 20 });
      response.write(stored.subarray(0, 12), () => setImmediate(() => response.destroy()));
    };
    expect(codeOf(await source.fetchRange(rangeOf(0, 20), watcher).outcome)).toBe('fetch.unreachable');
    expect(Buffer.concat(pieces)).toEqual(Buffer.from(stored.subarray(0, 12)));
    pieces.length = 0;
    server.answer = (_, response) => response.end('<html>please sign in</html>');
    expect(codeOf(await source.fetchRange(rangeOf(0, 20), watcher).outcome)).toBe('fetch.unexpected-answer');
    server.answer = partial(stored.subarray(1, 21), `bytes 1-20/${stored.length}`);
    expect(codeOf(await source.fetchRange(rangeOf(0, 20), watcher).outcome)).toBe('fetch.range-mismatch');
    expect(pieces).toEqual([]);
  });

  it('says how long a server wants to be left alone', async () => {
    const cases: [number, Record<string, string>, number | null][] = [
      [503, { 'retry-after': '7' }, 7_000],
      [429, { 'retry-after': '0' }, 0],
      [503, {}, null],
      [503, { 'retry-after': 'Fri, 31 Dec 2100 23:59:59 GMT' }, null],
      [500, { 'retry-after': '7' }, null],
    ];
    for (const [status, headers, waitMs] of cases) {
      server.answer = (_, response) => response.writeHead(status, headers).end();
      const outcome = await source.fetchRange(rangeOf(0, 20)).outcome;
      expect(outcome.ok ? 'ok' : retryAfterOf(outcome.error)).toBe(waitMs);
    }
  });

  it('says who asks for a manifest, and how the edges did, once it knows who it is', async () => {
    const edges = [{ url: 'http://edge', requests: 3, failures: 1, firstByteMs: ms(12.5), bytesPerSecond: 1e6 }];
    const speaker = speakerId('kitchen-1');
    const told = new Promise<unknown>((resolve) => {
      server.answer = async (request, response) => {
        const body = await text(request);
        response.writeHead(204).end();
        resolve({ method: request.method, url: request.url, body: JSON.parse(body) });
      };
    });
    source.reportEdges(edges);
    source.setBridge(server.url, speaker);
    source.reportEdges(edges);
    const report = { speakerId: speaker, edges };
    expect(await told).toEqual({ method: 'POST', url: '/content/v1/edge-reports', body: report });
    expect(parseValue(edgeReportSchema, report, 'report').ok).toBe(true);
    server.answer = (_, response) => response.end(JSON.stringify(manifest));
    await source.fetchManifest(manifest.trackId).outcome;
    expect(server.asked.map((request) => request.headers['tonearm-speaker'])).toEqual(['kitchen-1', 'kitchen-1']);
  });

  it('refuses every other answer than the bytes it asked for', async () => {
    const data = stored.subarray(0, 20);
    const answers: [ScriptedAnswer, string][] = [
      [(_, response) => response.end(data), 'fetch.unexpected-answer'],
      [(_, response) => response.writeHead(530).end('<html>sorry</html>'), 'fetch.unexpected-answer'],
      [(_, response) => response.writeHead(302, { location: 'http://portal/' }).end(), 'fetch.unexpected-answer'],
      [partial(data, `bytes 1-20/${stored.length}`), 'fetch.range-mismatch'],
      [partial(data.subarray(0, 19), `bytes 0-19/${stored.length}`), 'fetch.range-mismatch'],
      [partial(new Uint8Array(21), `bytes 0-19/${stored.length}`), 'fetch.range-mismatch'],
      [(_, response) => response.writeHead(206).end(data), 'fetch.range-mismatch'],
      [(_, response) => response.writeHead(401).end(), 'content.token-refused'],
      [(_, response) => response.writeHead(403).end('no'), 'content.token-refused'],
      [
        (_, response) => response.writeHead(404).end('{"code":"content.not-found","message":"no"}'),
        'content.not-found',
      ],
      [partial(new Uint8Array(100_000), `bytes 0-19/${stored.length}`), 'fetch.unexpected-answer'],
    ];
    for (const [give, code] of answers) {
      server.answer = give;
      expect(codeOf(await source.fetchRange(rangeOf(0, 20)).outcome)).toBe(code);
    }
  });

  it('refuses a manifest that is none, by field, and passes on what the bridge says', async () => {
    const bodies: [number, string, string, string | undefined][] = [
      [200, 'hello', 'fetch.unexpected-answer', undefined],
      [200, JSON.stringify({ ...manifest, durationFrames: -1 }), 'fetch.unexpected-answer', 'durationFrames'],
      [503, JSON.stringify({ code: 'content.preparing', message: 'wait' }), 'content.preparing', undefined],
      [503, JSON.stringify({ error: { code: 'content.preparing', message: 'wait' } }), 'content.preparing', undefined],
      [404, JSON.stringify({ code: 'catalogue.not-found', message: 'no' }), 'catalogue.not-found', undefined],
      [500, JSON.stringify({ code: 'no.such-code', message: 'no' }), 'fetch.unexpected-answer', undefined],
      [200, `"${'x'.repeat(MANIFEST_BYTES_MAX)}"`, 'fetch.unexpected-answer', undefined],
    ];
    for (const [status, body, code, field] of bodies) {
      server.answer = (_, response) => response.writeHead(status).end(body);
      const outcome = await source.fetchManifest(manifest.trackId).outcome;
      expect(outcome.ok ? null : [outcome.error.code, outcome.error.field]).toEqual([code, field]);
    }
  });

  it('says that nobody is there, that the connection broke, and that it was not wanted any more', async () => {
    server.answer = (_, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-19/${stored.length}`, 'content-length': 20 });
      response.write('half');
      setImmediate(() => response.destroy());
    };
    expect(codeOf(await source.fetchRange(rangeOf(0, 20)).outcome)).toBe('fetch.unreachable');
    server.answer = () => {};
    const unwanted = source.fetchRange(rangeOf(0, 20));
    unwanted.cancel();
    expect(codeOf(await unwanted.outcome)).toBe('fetch.cancelled');
    source.setBridge('http://127.0.0.1:1');
    expect(codeOf(await source.fetchManifest(manifest.trackId).outcome)).toBe('fetch.unreachable');
    source.setBridge(null);
    expect(codeOf(await source.fetchManifest(manifest.trackId).outcome)).toBe('fetch.unreachable');
    source.setBridge('not a url');
    expect(codeOf(await source.fetchManifest(manifest.trackId).outcome)).toBe('fetch.unreachable');
  });

  it('does not wait for ever: neither for a first byte nor for the next', async () => {
    const clock = new VirtualClock();
    const impatient = createHttpContentSource(clock);
    impatient.setBridge(server.url);
    let isAnswering = false;
    server.answer = (_, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-19/${stored.length}`, 'content-length': 20 });
      response.write('one', () => setImmediate(() => (isAnswering = true)));
    };
    const stalled = impatient.fetchRange(rangeOf(0, 20));
    while (!isAnswering) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(ms(60_000));
    expect(codeOf(await stalled.outcome)).toBe('fetch.timed-out');
    server.answer = () => {};
    const silent = impatient.fetchManifest(manifest.trackId);
    await clock.advance(ms(60_000));
    expect(codeOf(await silent.outcome)).toBe('fetch.timed-out');
    expect(clock.timers()).toEqual([]);
    impatient.close();
  });
});
