import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpSpeakerDoors } from '#bridge/adapters/speaker-door/http-speaker-doors';

const doors = createHttpSpeakerDoors();

let server: Server;
let answer: (response: ServerResponse, body: string) => void;

beforeEach(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => answer(response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const address = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;

describe('a speaker’s door', () => {
  it('is asked in JSON, and its answer read', async () => {
    answer = (response, body) => response.end(JSON.stringify({ heard: JSON.parse(body) }));
    expect(await doors.ask(address(), '/v1/pairing/begin', { one: 1 })).toEqual({
      ok: true,
      value: { heard: { one: 1 } },
    });
  });

  it.each([
    ['a refusal of ours', 403, '{"error":{"code":"pairing.closed","message":"no"}}', 'pairing.closed'],
    ['a code that we do not know', 403, '{"error":{"code":"evil.code"}}', 'fetch.unexpected-answer'],
    ['no JSON', 200, '<html>', 'fetch.unexpected-answer'],
    ['far too much', 200, `"${'x'.repeat(5_000)}"`, 'fetch.unexpected-answer'],
    ['a way elsewhere', 302, '{}', 'fetch.unexpected-answer'],
  ])('that gives %s is refused', async (_what, status, text, code) => {
    answer = (response) => {
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(text);
    };
    expect(await doors.ask(address(), '/v1/pairing/begin', {})).toMatchObject({ ok: false, error: { code } });
  });

  it('that hangs up, or is not there, cannot be reached', async () => {
    answer = (response) => response.destroy();
    const unreachable = { ok: false, error: { code: 'connect.unreachable' } };
    expect(await doors.info(address())).toMatchObject(unreachable);
    expect(await doors.info('127.0.0.1:1')).toMatchObject(unreachable);
  });

  it.each(['127.0.0.1:80/path', 'user@host:80', '127.0.0.1:80?x', ''])('is no such address: %s', async (wrong) => {
    expect(await doors.info(wrong)).toMatchObject({ ok: false, error: { code: 'input.invalid', field: 'address' } });
  });
});
