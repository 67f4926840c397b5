import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { RestBench } from '#sim/relay/rest-bench';

let bench: RestBench;
let port: number;
beforeEach(async () => {
  bench = new RestBench();
  port = await bench.door.listen(0, '127.0.0.1');
});
afterEach(() => bench.close());

function dial(path: string, subprotocol: string | string[], headers: Record<string, string> = {}): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${port}${path}`, subprotocol, { headers });
}

/** The HTTP answer to an upgrade that was refused. */
async function refusalOf(socket: WebSocket): Promise<{ status: number; error: { code: string } }> {
  socket.on('error', () => undefined);
  const [, response] = await once(socket, 'unexpected-response');
  let text = '';
  for await (const piece of response) text += piece;
  return { status: response.statusCode, error: JSON.parse(text).error };
}

describe('the socket door', () => {
  it('hands speakers and phones to the household, each under its subprotocol', async () => {
    const speaker = dial('/connect/v1', ['other', 'tonearm.connect.v1']);
    await once(speaker, 'open');
    const phone = dial('/events/v1?since=ever', 'tonearm.events.v1');
    await once(phone, 'open');
    expect([speaker.protocol, phone.protocol]).toEqual(['tonearm.connect.v1', 'tonearm.events.v1']);
    expect([bench.household.speakerLinks.length, bench.household.phoneLinks.length]).toEqual([1, 1]);
    bench.household.phoneLinks[0]?.send('hello');
    const [data] = await once(phone, 'message');
    expect(String(data)).toBe('hello');
    bench.household.speakerLinks[0]?.close(CLOSE_CODES.replaced, 'because');
    const [code, reason] = await once(speaker, 'close');
    expect([code, String(reason)]).toEqual([4004, 'because']);
    phone.terminate();
  });

  it('compresses nothing, and closes with 1009 what is too large', async () => {
    const speaker = dial('/connect/v1', 'tonearm.connect.v1');
    await once(speaker, 'open');
    expect(speaker.extensions).toBe('');
    speaker.send('x'.repeat(70_000));
    expect((await once(speaker, 'close'))[0]).toBe(CLOSE_CODES.tooLarge);
  });

  it.each([
    ['another subprotocol', '/connect/v1', 'tonearm.connect.v2', {}, 426, 'connect.version-refused'],
    ['a phone’s at the speakers’ door', '/connect/v1', 'tonearm.events.v1', {}, 426, 'connect.version-refused'],
    ['a path that is none', '/nowhere', 'tonearm.connect.v1', {}, 404, 'input.unknown'],
    [
      'a page of another site',
      '/events/v1',
      'tonearm.events.v1',
      { origin: 'http://evil.example' },
      403,
      'access.origin-refused',
    ],
    ['another name', '/events/v1', 'tonearm.events.v1', { host: 'evil.example' }, 403, 'access.host-refused'],
  ])('refuses %s', async (_, path, subprotocol, headers, status, code) => {
    expect(await refusalOf(dial(path, subprotocol, headers as Record<string, string>))).toMatchObject({
      status,
      error: { code },
    });
    expect(bench.household.phoneLinks).toEqual([]);
  });

  it('takes its own page', async () => {
    const phone = dial('/events/v1', 'tonearm.events.v1', { origin: `http://127.0.0.1:${port}` });
    await once(phone, 'open');
    expect(bench.household.phoneLinks).toHaveLength(1);
    phone.terminate();
  });

  it('survives handshakes that are none', async () => {
    for (const text of [
      'GET /connect/v1 HTTP/1.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
      '\0\0\0\r\n\r\n',
    ]) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.end(text);
      await once(socket.resume(), 'close');
    }
    const speaker = dial('/connect/v1', 'tonearm.connect.v1');
    await once(speaker, 'open');
    speaker.terminate();
  });

  it('ends with every socket closed', async () => {
    const speaker = dial('/connect/v1', 'tonearm.connect.v1');
    await once(speaker, 'open');
    const closed = once(speaker, 'close');
    bench.household.speakerLinks[0]?.close(CLOSE_CODES.goingAway, 'the bridge is ending');
    await bench.sockets.close();
    expect((await closed)[0]).toBe(CLOSE_CODES.goingAway);
  });
});
