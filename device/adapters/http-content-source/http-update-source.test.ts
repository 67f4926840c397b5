import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '#protocol/adapters/system-clock';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { speakerId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import type { UpdateReport } from '#protocol/wire/update';
import { ScriptedServer } from '#sim/content/scripted-server';
import { ReleaseMaker } from '#sim/updates/release-maker';
import { createHttpUpdateSource, type HttpUpdateSource } from './http-update-source.ts';

const maker = new ReleaseMaker();
const { offer, blocksText } = maker.make(2, new Uint8Array(100));
const about = { arch: 'x64', version: '0.1.0', seq: 1 } as const;
const hash = 'a'.repeat(64);
const codeOf = (outcome: Result<unknown, TonearmError>) => (outcome.ok ? 'ok' : outcome.error.code);

describe('updates over HTTP', () => {
  let server: ScriptedServer;
  let source: HttpUpdateSource;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    source = createHttpUpdateSource(createSystemClock());
    source.bridgeIs({ url: server.url, speakerId: speakerId('kitchen-1'), accessToken: 'token-of-the-welcome' });
  });

  afterEach(async () => {
    source.close();
    await server.stop();
  });

  it('asks who has welcomed it, and says who asks and what it runs', async () => {
    server.answer = (_, response) => response.end(JSON.stringify(offer));
    expect(await source.offer(about)).toEqual({ ok: true, value: offer });
    expect(server.asked[0]?.url).toBe('/content/v1/firmware/offers/x64?version=0.1.0&seq=1');
    expect(server.asked[0]?.headers.authorization).toBe('Bearer token-of-the-welcome');
    expect(server.asked[0]?.headers['tonearm-speaker']).toBe('kitchen-1');
  });

  it('knows no offer from one that is none, and from a bridge that is not there', async () => {
    server.answer = (_, response) => response.writeHead(204).end();
    expect(await source.offer(about)).toEqual({ ok: true, value: null });
    server.answer = (_, response) => response.end('{"format":1}');
    expect(codeOf(await source.offer(about))).toBe('input.invalid');
    server.answer = (_, response) => response.writeHead(401).end();
    expect(codeOf(await source.offer(about))).toBe('fetch.unexpected-answer');
    const alone = createHttpUpdateSource(createSystemClock());
    expect(codeOf(await alone.offer(about))).toBe('fetch.unreachable');
  });

  it('reads the map of blocks, and no endless one', async () => {
    server.answer = (_, response) => response.end(blocksText);
    expect(await source.blocks(hash)).toEqual({ ok: true, value: blocksText });
    server.answer = (_, response) => pour(response);
    expect(codeOf(await source.blocks(hash))).toBe('update.endless');
  });

  it('takes exactly the range that it asked for', async () => {
    server.answer = (_, response) => response.writeHead(206, { 'content-range': 'bytes 10-13/100' }).end('abcd');
    const range = await source.range(hash, 10, 4);
    expect(range.ok && Buffer.from(range.value).toString()).toBe('abcd');
    expect(server.asked[0]?.headers.range).toBe('bytes=10-13');
  });

  it.each<[string, string, (response: ServerResponse) => void]>([
    [
      'one byte too many',
      'update.endless',
      (it) => it.writeHead(206, { 'content-range': 'bytes 10-13/100' }).end('abcde'),
    ],
    ['bytes without end', 'update.endless', (it) => pour(it.writeHead(206, { 'content-range': 'bytes 10-13/100' }))],
    ['the whole file', 'update.endless', (it) => it.end('x'.repeat(100))],
    [
      'too few bytes',
      'fetch.range-mismatch',
      (it) => it.writeHead(206, { 'content-range': 'bytes 10-13/100' }).end('ab'),
    ],
    [
      'other bytes',
      'fetch.range-mismatch',
      (it) => it.writeHead(206, { 'content-range': 'bytes 11-14/100' }).end('abcd'),
    ],
    ['no such artifact', 'fetch.unexpected-answer', (it) => it.writeHead(404).end()],
  ])('refuses %s: %s', async (_, code, respond) => {
    server.answer = (_request, response) => respond(response);
    expect(codeOf(await source.range(hash, 10, 4))).toBe(code);
  });

  it('ends an endless answer at once, and does not read on', async () => {
    const closed = new Promise<number>((resolve) => {
      server.answer = (_, response) => {
        response.writeHead(206, { 'content-range': 'bytes 10-13/100' });
        const sent = pour(response);
        response.on('close', () => resolve(sent()));
      };
    });
    await source.range(hash, 10, 4);
    expect(await closed).toBeLessThan(64 * 1024 * 1024);
  });

  it('reports without waiting', async () => {
    const told = new Promise<string>((resolve) => {
      server.answer = async (request, response) => {
        resolve(await text(request));
        response.writeHead(204).end();
      };
    });
    const report: UpdateReport = { running: '0.1.0', version: '0.2.0', seq: 2, stage: 'good', reason: null };
    source.report(report);
    expect(JSON.parse(await told)).toEqual(report);
  });
});

/** Sends for as long as somebody takes it. @returns how many bytes were sent so far */
function pour(response: ServerResponse): () => number {
  const piece = Buffer.alloc(64 * 1024, 'x');
  let sent = 0;
  const more = (): void => {
    while (!response.destroyed && response.write(piece)) sent += piece.length;
  };
  response.on('drain', more);
  more();
  return () => sent;
}
