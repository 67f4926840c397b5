import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSpareConnections, type SpareConnections } from './spare-connections.ts';

interface Options {
  readonly port: number;
}

describe('a spare connection to each host', () => {
  let server: Server;
  let port = 0;
  const dialled: Socket[] = [];
  let spares: SpareConnections<Options>;
  const accepted: Socket[] = [];
  const taken: Socket[] = [];

  beforeEach(async () => {
    dialled.length = 0;
    server = createServer((socket) => accepted.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    spares = createSpareConnections<Options>(
      (options) => {
        const socket = connect(options.port, '127.0.0.1');
        dialled.push(socket);
        return socket;
      },
      (options) => String(options.port),
    );
  });

  afterEach(() => {
    spares.close();
    for (const socket of [...taken.splice(0), ...accepted.splice(0)]) socket.destroy();
    server.close();
  });

  /** Resolves when the spare made with the first connection stands, at both ends. */
  const untilSpare = async (): Promise<void> => {
    while (accepted.length < 2) await once(server, 'connection');
    const spare = dialled[1];
    if (spare?.connecting === true) await once(spare, 'connect');
  };

  const take = (): Socket => {
    const socket = spares.take({ port });
    taken.push(socket);
    return socket;
  };

  it('is made once the first is connected, and given next', async () => {
    const first = take();
    expect(dialled).toHaveLength(1);
    await once(first, 'connect');
    await untilSpare();
    const second = take();
    expect(second).not.toBe(first);
    expect(second.readyState).toBe('open');
    // And another one is on its way for who comes next.
    expect(dialled).toHaveLength(3);
    second.write('asked');
    const [heard] = await once(accepted[1] ?? second, 'data');
    expect(String(heard)).toBe('asked');
  });

  it.each([
    ['closed by its host', (socket: Socket) => socket.end()],
    ['spoken to unasked', (socket: Socket) => socket.write('HTTP/1.1 408 Request Timeout\r\n\r\n')],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('is none when it was %s', async (_, spoil) => {
    await once(take(), 'connect');
    await untilSpare();
    const [spare, farEnd] = [dialled[1], accepted[1]];
    if (spare === undefined || farEnd === undefined) throw new Error('no spare');
    const closed = new Promise((resolve) => spare.once('close', resolve));
    spoil(farEnd);
    await closed;
    const next = take();
    expect(next.readyState).toBe('opening');
    await once(next, 'connect');
  });

  it('is not made to a host that cannot be reached, nor after the end', async () => {
    server.close();
    const lost = take();
    await once(lost, 'error');
    expect(dialled).toHaveLength(1);
    spares.close();
    take().on('error', () => undefined);
    expect(dialled).toHaveLength(2);
  });
});
