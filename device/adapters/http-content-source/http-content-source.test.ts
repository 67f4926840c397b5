import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RangeRequest } from '#device/core/ports/chunk-source';
import { createSystemClock } from '#protocol/adapters/system-clock';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import { bytes, ms } from '#protocol/vocabulary/units';
import { MANIFEST_BYTES_MAX } from '#protocol/wire/manifest';
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
  let server: Server;
  let source: HttpContentSource;
  let asked: IncomingMessage[] = [];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      asked.push(request);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    source = createHttpContentSource(createSystemClock());
    source.setBridge(url());
  });

  afterEach(async () => {
    source.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const partial = (data: Uint8Array, contentRange: string) => (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(206, { 'content-range': contentRange, 'content-length': data.length });
    response.end(data);
  };

  it('fetches a manifest', async () => {
    answer = (_, response) => response.end(JSON.stringify(manifest));
    const outcome = await source.fetchManifest(manifest.trackId).outcome;
    expect(outcome).toEqual({ ok: true, value: manifest });
    expect(asked[0]?.url).toBe(`/content/v1/manifests/${manifest.trackId}`);
  });

  it('fetches exactly the range, with the token, from the edge that is named', async () => {
    answer = partial(stored.subarray(10, 30), `bytes 10-29/${stored.length}`);
    source.setBridge(null);
    const outcome = await source.fetchRange({ ...rangeOf(10, 20), edgeUrl: url() }).outcome;
    expect(outcome.ok && [...outcome.value]).toEqual([...stored.subarray(10, 30)]);
    expect(asked[0]?.headers).toMatchObject({ range: 'bytes=10-29', authorization: 'Bearer tok' });
  });

  it('refuses every other answer than the bytes it asked for', async () => {
    const data = stored.subarray(0, 20);
    const answers: [typeof answer, string][] = [
      [(_, response) => response.end(data), 'fetch.unexpected-answer'],
      [(_, response) => response.writeHead(530).end('<html>sorry</html>'), 'fetch.unexpected-answer'],
      [(_, response) => response.writeHead(302, { location: 'http://portal/' }).end(), 'fetch.unexpected-answer'],
      [partial(data, `bytes 1-20/${stored.length}`), 'fetch.range-mismatch'],
      [partial(data.subarray(0, 19), `bytes 0-19/${stored.length}`), 'fetch.range-mismatch'],
      [partial(new Uint8Array(21), `bytes 0-19/${stored.length}`), 'fetch.range-mismatch'],
      [(_, response) => response.writeHead(206).end(data), 'fetch.range-mismatch'],
      [(_, response) => response.writeHead(401).end(), 'content.not-found'],
      [
        (_, response) => response.writeHead(404).end('{"code":"content.not-found","message":"no"}'),
        'content.not-found',
      ],
      [partial(new Uint8Array(100_000), `bytes 0-19/${stored.length}`), 'fetch.unexpected-answer'],
    ];
    for (const [give, code] of answers) {
      answer = give;
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
      answer = (_, response) => response.writeHead(status).end(body);
      const outcome = await source.fetchManifest(manifest.trackId).outcome;
      expect(outcome.ok ? null : [outcome.error.code, outcome.error.field]).toEqual([code, field]);
    }
  });

  it('says that nobody is there, that the connection broke, and that it was not wanted any more', async () => {
    answer = (_, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-19/${stored.length}`, 'content-length': 20 });
      response.write('half');
      setImmediate(() => response.destroy());
    };
    expect(codeOf(await source.fetchRange(rangeOf(0, 20)).outcome)).toBe('fetch.unreachable');
    answer = () => {};
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
    impatient.setBridge(url());
    let isAnswering = false;
    answer = (_, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-19/${stored.length}`, 'content-length': 20 });
      response.write('one', () => setImmediate(() => (isAnswering = true)));
    };
    const stalled = impatient.fetchRange(rangeOf(0, 20));
    while (!isAnswering) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(ms(60_000));
    expect(codeOf(await stalled.outcome)).toBe('fetch.timed-out');
    answer = () => {};
    const silent = impatient.fetchManifest(manifest.trackId);
    await clock.advance(ms(60_000));
    expect(codeOf(await silent.outcome)).toBe('fetch.timed-out');
    expect(clock.timers()).toEqual([]);
    impatient.close();
  });
});
