/** The proxy with real sockets: what passes is what was sent, and each way of cutting is what its name says to both ends. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { SeededRandom } from '#sim/world/seeded-random';
import { CLEAR, type ConditionsChange } from './conditions.ts';
import { ControlDoor } from './control-door.ts';
import { networkControls } from './network-controls.ts';
import { NetworkProxy } from './network-proxy.ts';
import type { NetworkEvent } from './simulated-network.ts';

const LOOPBACK = '127.0.0.1';
const ending: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

/** A server that says everything back, and those who are connected to it. */
async function openEcho(): Promise<{ readonly server: Server; readonly port: number; readonly met: Socket[] }> {
  const met: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    met.push(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  ending.push(async () => {
    for (const socket of met) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { server, port: portOf(server), met };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return address.port;
}

async function openProxy(to: number, change: ConditionsChange = {}, hasUdp = false) {
  const events: NetworkEvent[] = [];
  const proxy = await NetworkProxy.start(
    { clock: createSystemClock(), random: new SeededRandom(1), told: (event) => events.push(event) },
    {
      routes: [{ listen: { host: LOOPBACK, port: 0 }, to: { host: LOOPBACK, port: to } }],
      plan: { base: CLEAR, trace: null },
      hasUdp,
    },
  );
  ending.push(() => proxy.stop());
  proxy.network.change(change);
  return { proxy, network: proxy.network, events, port: proxy.routes[0]?.listen.port ?? 0 };
}

class Caller {
  readonly socket: Socket;
  #heard = Buffer.alloc(0);
  failure: string | null = null;

  constructor(port: number) {
    this.socket = connect({ port, host: LOOPBACK, allowHalfOpen: true, noDelay: true });
    this.socket.on('data', (data: Buffer) => {
      this.#heard = Buffer.concat([this.#heard, data]);
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.failure = error.code ?? error.message;
    });
    ending.push(async () => this.socket.destroy());
  }

  get heard(): string {
    return this.#heard.toString('latin1');
  }

  async hears(text: string): Promise<void> {
    while (!this.heard.endsWith(text)) await once(this.socket, 'data');
  }

  async ask(text: string): Promise<number> {
    const askedAt = performance.now();
    this.socket.write(text);
    await this.hears(text);
    return performance.now() - askedAt;
  }

  async failed(): Promise<string | null> {
    if (!this.socket.closed) await once(this.socket, 'close').catch(() => {});
    return this.failure;
  }
}

describe('a proxy between real sockets', { timeout: 10_000 }, () => {
  it('passes on every byte of both ways, and each end by itself', async () => {
    const echo = await openEcho();
    const { port } = await openProxy(echo.port);
    const caller = new Caller(port);
    const whole = Array.from({ length: 300_000 }, (_, place) => String.fromCharCode((place * 7) & 127)).join('');
    caller.socket.end(whole, 'latin1');
    await once(caller.socket, 'end');
    expect(caller.heard === whole).toBe(true);
  });

  it('is as far as it is told, from the first byte after a handshake on', async () => {
    const echo = await openEcho();
    const { port } = await openProxy(echo.port, { up: { delayMs: 20 }, down: { delayMs: 30 } });
    const caller = new Caller(port);
    expect(await caller.ask('first')).toBeGreaterThanOrEqual(99);
    expect(await caller.ask('second')).toBeGreaterThanOrEqual(49);
  });

  it('holds while the plug is pulled, tells nobody, and brings it all when it is mended', async () => {
    const echo = await openEcho();
    const { port, network } = await openProxy(echo.port);
    const caller = new Caller(port);
    const gone = new Caller(port);
    await caller.ask('before');
    await gone.ask('gone');
    network.cut('up', 'hold');
    caller.socket.write('while');
    gone.socket.resetAndDestroy();
    for (const word of ['down', 'goes', 'on']) {
      echo.met[0]?.write(word);
      await caller.hears(word);
    }
    expect(echo.met.map((socket) => socket.readable)).toEqual([true, true]);
    network.heal();
    await caller.hears('while');
    await expect.poll(() => echo.met[1]?.closed).toBe(true);
  });

  it('swallows as a router that has forgotten: nothing comes, nobody is told, and mended it is reset', async () => {
    const echo = await openEcho();
    const { port, network, events } = await openProxy(echo.port);
    const [caller, other] = [new Caller(port), new Caller(port)];
    await Promise.all([caller.ask('before'), other.ask('before')]);
    network.cut('both', 'swallow');
    caller.socket.write('lost');
    caller.socket.end();
    await expect.poll(() => network.state().ways.up.lost).toBeGreaterThan(0);
    network.heal();
    expect(await caller.failed()).toBe('ECONNRESET');
    await other.ask('lives on');
    expect(events.map(({ kind }) => kind)).toEqual(['cut', 'reset', 'healed']);
  });

  it('resets what is open and what is opened, until it is mended', async () => {
    const echo = await openEcho();
    const { port, network } = await openProxy(echo.port);
    const caller = new Caller(port);
    await caller.ask('before');
    network.cut('both', 'reset');
    expect(await caller.failed()).toBe('ECONNRESET');
    const next = new Caller(port);
    expect(await next.failed()).toBe('ECONNRESET');
    network.heal();
    await new Caller(port).ask('again');
  });

  it('tells who connects that nobody is there', async () => {
    const echo = await openEcho();
    const { port } = await openProxy(echo.port);
    await new Promise((resolve) => echo.server.close(resolve));
    expect(await new Caller(port).failed()).toBe('ECONNRESET');
  });

  it('holds who sends, instead of keeping what cannot pass', async () => {
    const echo = await openEcho();
    const { port, network } = await openProxy(echo.port, { up: { kbps: 100 } });
    const caller = new Caller(port);
    const isTaken = caller.socket.write(Buffer.alloc(64 * 1024 * 1024));
    expect(isTaken).toBe(false);
    await expect.poll(() => network.state().ways.up.bytes).toBeGreaterThan(1_000);
    expect(caller.socket.writableLength).toBeGreaterThan(32 * 1024 * 1024);
  });

  it('passes datagrams on to their senders, and loses them while it is cut', async () => {
    const echo = createSocket('udp4');
    echo.on('message', (data, from) => echo.send(data, from.port, from.address));
    await new Promise<void>((resolve) => echo.bind(0, LOOPBACK, resolve));
    ending.push(async () => echo.close());
    const { port, network } = await openProxy(echo.address().port, {}, true);
    const callers = [createSocket('udp4'), createSocket('udp4')];
    for (const caller of callers) ending.push(async () => caller.close());
    const ask = async (caller: UdpSocket, text: string) => {
      caller.send(text, port, LOOPBACK);
      const [data] = (await once(caller, 'message')) as [Buffer];
      return data.toString();
    };
    expect(await Promise.all(callers.map((caller, place) => ask(caller, `caller ${place}`)))).toEqual([
      'caller 0',
      'caller 1',
    ]);
    network.cut('up', 'hold');
    callers[0]?.send('lost', port, LOOPBACK);
    await expect.poll(() => network.state().ways.up.lost).toBe(1);
    network.heal();
    expect(callers[0] && (await ask(callers[0], 'after'))).toBe('after');
  });
});

describe('live control', { timeout: 10_000 }, () => {
  async function openControl() {
    const echo = await openEcho();
    const { network, port } = await openProxy(echo.port);
    const control = await ControlDoor.open(
      { host: LOOPBACK, port: 0 },
      networkControls(() => network),
    );
    ending.push(() => control.close());
    const order = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${control.url}${path}`, {
        method,
        headers: { ...(method === 'GET' ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: answer.status, told: (await answer.json()) as { readonly error?: { readonly field?: string } } };
    };
    return { network, port, order };
  }

  it('tells how it is, changes what it is told, pulls the plug and mends it', async () => {
    const { network, port, order } = await openControl();
    const caller = new Caller(port);
    await caller.ask('hello');
    const { told } = await order('GET', '/state');
    expect(told).toMatchObject({ connections: 1, ways: { up: { bytes: 5 }, down: { bytes: 5 } } });
    await order('PUT', '/conditions', { down: { delayMs: 40 } });
    await order('PUT', '/conditions', { down: { jitterMs: 1 } });
    expect(network.conditions.down).toMatchObject({ delayMs: 40, jitterMs: 1 });
    await order('POST', '/cut', { direction: 'up', kind: 'hold' });
    expect(network.state().cuts).toEqual({ up: 'hold', down: null });
    await order('POST', '/heal');
    expect(network.state().cuts).toEqual({ up: null, down: null });
    await order('POST', '/corrupt-next', { direction: 'up' });
    caller.socket.write('\0');
    await expect.poll(() => caller.heard.length).toBe(6);
    expect(caller.heard.endsWith('\0')).toBe(false);
    expect(await order('POST', '/reset-connections')).toMatchObject({ told: { reset: 1 } });
    expect(await caller.failed()).toBe('ECONNRESET');
  });

  it.each([
    ['what it does not know', 'PUT', '/conditions', { down: { speed: 3 } }, 400, 'down'],
    ['what cannot be', 'PUT', '/conditions', { up: { lossShare: 2 } }, 400, 'up.lossShare'],
    ['another way', 'POST', '/cut', { direction: 'left' }, 400, 'direction'],
    ['a reset of one way', 'POST', '/cut', { direction: 'up', kind: 'reset' }, 400, 'direction'],
    ['no JSON', 'POST', '/cut', '{', 400, undefined],
    ['another path', 'POST', '/burn', {}, 404, undefined],
  ])('refuses %s by name', async (_, method, path, body, status, field) => {
    const { order } = await openControl();
    const answer = await order(method, path, body);
    expect([answer.status, answer.told.error?.field]).toEqual([status, field]);
  });

  it('is deaf to pages', async () => {
    const { network, order } = await openControl();
    expect((await order('POST', '/cut', {}, { origin: 'https://example.com' })).status).toBe(403);
    expect((await order('POST', '/cut', '{}', { 'content-type': 'text/plain' })).status).toBe(400);
    expect(network.state().cuts).toEqual({ up: null, down: null });
  });
});
