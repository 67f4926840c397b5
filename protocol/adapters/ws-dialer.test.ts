import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { CLOSE_CODES, type TransportLink } from '#protocol/ports/transport';
import { ms } from '#protocol/vocabulary/units';
import { MESSAGE_LENGTH_MAX } from '#protocol/wire/envelope';
import { CONNECT_PATH, CONNECT_SUBPROTOCOL } from '#protocol/wire/versions';
import { createWsDialer } from './ws-dialer.ts';
import { createWsLink, SEND_QUEUE_BYTES_MAX, WS_SOCKET_OPTIONS } from './ws-link.ts';

let http: Server;
let server: WebSocketServer;
let address: string;
const raw = new Set<Socket>();

beforeEach(async () => {
  http = createServer((_request, response) => response.writeHead(404).end());
  http.on('connection', (socket) => raw.add(socket));
  server = new WebSocketServer({
    ...WS_SOCKET_OPTIONS,
    server: http,
    path: CONNECT_PATH,
    handleProtocols: (offered) => (offered.has(CONNECT_SUBPROTOCOL) ? CONNECT_SUBPROTOCOL : false),
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  address = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const client of server.clients) client.terminate();
  for (const socket of raw) socket.destroy();
  raw.clear();
  server.close();
  http.close();
});

/** Remembers what a link said, and lets a test wait for the next thing. */
function record(link: TransportLink) {
  const received: string[] = [];
  const closes: { code: number; reason: string }[] = [];
  let wake: () => void = () => undefined;
  link.listen({
    received: (text) => {
      received.push(text);
      wake();
    },
    closed: (code, reason) => {
      closes.push({ code, reason });
      wake();
    },
  });
  const until = async (condition: () => boolean) => {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { received, closes, until };
}

async function connect(): Promise<{ ours: TransportLink; theirs: TransportLink; socket: WebSocket }> {
  const accepted = once(server, 'connection') as Promise<[WebSocket]>;
  const theirs = accepted.then(([socket]) => ({ link: createWsLink(socket), socket }));
  const outcome = await createWsDialer().dial(address).outcome;
  if (!outcome.ok) throw outcome.error;
  const { link, socket } = await theirs;
  return { ours: outcome.value, theirs: link, socket };
}

async function refusal(to: string, options = {}): Promise<{ code: string; field: string | undefined }> {
  const outcome = await createWsDialer(options).dial(to).outcome;
  if (outcome.ok) throw new Error('expected a refusal');
  return { code: outcome.error.code, field: outcome.error.field };
}

describe('WebSocket link', () => {
  it('carries text both ways, in order', async () => {
    const { ours, theirs } = await connect();
    const here = record(ours);
    const there = record(theirs);
    for (let index = 0; index < 50; index += 1) ours.send(`${index}`);
    theirs.send('ü€😀');
    await there.until(() => there.received.length === 50);
    await here.until(() => here.received.length === 1);
    expect(there.received).toEqual(Array.from({ length: 50 }, (_, index) => `${index}`));
    expect(here.received).toEqual(['ü€😀']);
  });

  it('keeps messages that come with the handshake for the listener', async () => {
    server.on('connection', (socket) => {
      socket.send('first');
      socket.send('second');
    });
    const outcome = await createWsDialer().dial(address).outcome;
    if (!outcome.ok) throw outcome.error;
    const here = record(outcome.value);
    await here.until(() => here.received.length === 2);
    expect(here.received).toEqual(['first', 'second']);
  });

  it('tells both sides of a close once, with its code, and sends nothing after it', async () => {
    const { ours, theirs } = await connect();
    const here = record(ours);
    const there = record(theirs);
    theirs.close(CLOSE_CODES.replaced, 'another one');
    theirs.close(CLOSE_CODES.normal, 'too late');
    await Promise.all([here.until(() => here.closes.length > 0), there.until(() => there.closes.length > 0)]);
    expect(here.closes).toEqual([{ code: CLOSE_CODES.replaced, reason: 'another one' }]);
    expect(there.closes).toEqual([{ code: CLOSE_CODES.replaced, reason: 'another one' }]);
    expect([ours.send('x'), theirs.send('x'), ours.queuedBytes()]).toEqual([false, false, 0]);
  });

  it('shortens a reason that does not fit a close frame', async () => {
    const { ours, theirs } = await connect();
    const here = record(ours);
    theirs.close(CLOSE_CODES.goingAway, '€'.repeat(200));
    await here.until(() => here.closes.length > 0);
    expect(here.closes[0]?.code).toBe(CLOSE_CODES.goingAway);
    expect(here.closes[0]?.reason).toMatch(/^€{30,41}$/);
  });

  it('closes with 1009 on a message above the limit', async () => {
    const { ours, theirs } = await connect();
    const here = record(ours);
    const there = record(theirs);
    ours.send('x'.repeat(MESSAGE_LENGTH_MAX));
    await there.until(() => there.received.length === 1);
    ours.send('x'.repeat(MESSAGE_LENGTH_MAX + 1));
    await Promise.all([here.until(() => here.closes.length > 0), there.until(() => there.closes.length > 0)]);
    expect(here.closes[0]?.code).toBe(CLOSE_CODES.tooLarge);
    expect(there.closes[0]?.code).toBe(CLOSE_CODES.tooLarge);
    expect(there.received).toHaveLength(1);
  });

  it('refuses a binary message', async () => {
    const { ours, socket } = await connect();
    const here = record(ours);
    socket.send(Buffer.from('{}'));
    await here.until(() => here.closes.length > 0);
    expect(here.closes[0]?.code).toBe(CLOSE_CODES.invalidMessage);
    expect(here.received).toEqual([]);
  });

  it('says no when the other side does not read, and keeps what it holds bounded', async () => {
    const { ours, socket } = await connect();
    socket.pause();
    const message = 'x'.repeat(MESSAGE_LENGTH_MAX);
    let sent = 0;
    while (ours.send(message) && sent < 10_000) {
      sent += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(sent).toBeLessThan(10_000);
    expect(ours.queuedBytes()).toBeLessThanOrEqual(SEND_QUEUE_BYTES_MAX + 1_000);
    expect(ours.queuedBytes()).toBeGreaterThan(SEND_QUEUE_BYTES_MAX / 2);
  });

  it('reports a cut connection as an abnormal close', async () => {
    const { ours, socket } = await connect();
    const here = record(ours);
    socket.terminate();
    await here.until(() => here.closes.length > 0);
    expect(here.closes).toEqual([{ code: 1006, reason: '' }]);
  });
});

describe('WebSocket dialer', () => {
  it('names an address that is none', async () => {
    expect(await refusal('kitchen')).toEqual({ code: 'connect.unreachable', field: 'address' });
    expect(await refusal('http://127.0.0.1:1')).toEqual({ code: 'connect.unreachable', field: 'address' });
  });

  it('finds nobody', async () => {
    expect((await refusal('ws://127.0.0.1:1')).code).toBe('connect.unreachable');
    expect((await refusal(`${address}/elsewhere`)).code).toBe('connect.unreachable');
  });

  it('tells a bridge of another protocol from one that is not there', async () => {
    expect((await refusal(address, { subprotocol: 'tonearm.connect.v99' })).code).toBe('connect.version-refused');
    http.removeAllListeners('upgrade');
    http.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n'));
    expect((await refusal(address)).code).toBe('connect.version-refused');
  });

  it('does not wait for ever for a handshake', async () => {
    http.removeAllListeners('upgrade');
    http.on('upgrade', () => undefined);
    expect((await refusal(address, { handshakeTimeoutMs: ms(50) })).code).toBe('connect.unreachable');
  });

  it('can be cancelled, before and after', async () => {
    http.removeAllListeners('upgrade');
    http.on('upgrade', () => undefined);
    const attempt = createWsDialer().dial(address);
    attempt.cancel();
    attempt.cancel();
    const outcome = await attempt.outcome;
    expect(outcome.ok ? null : outcome.error.code).toBe('connect.unreachable');
  });

  it('gives a link that `ws` clients of other makes can talk to', async () => {
    const accepted = once(server, 'connection') as Promise<[WebSocket]>;
    const client = new WebSocket(`${address}${CONNECT_PATH}`, [CONNECT_SUBPROTOCOL]);
    const [socket] = await accepted;
    const there = record(createWsLink(socket));
    await once(client, 'open');
    client.send('plain');
    await there.until(() => there.received.length === 1);
    expect(there.received).toEqual(['plain']);
    client.terminate();
  });
});
