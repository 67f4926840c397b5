/** The transport suite on the virtual network, and on real sockets over loopback. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { createWsDialer } from '#protocol/adapters/ws-dialer';
import { createWsLink, WS_SOCKET_OPTIONS } from '#protocol/adapters/ws-link';
import type { TransportLink } from '#protocol/ports/transport';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { CONNECT_SUBPROTOCOL } from '#protocol/wire/versions';
import { createVirtualNetwork } from '#sim/network/virtual-transport';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { describeTransport, type TransportMeeting } from './transport.suite.ts';

const POLL_MS = 2;

async function meetVirtually(): Promise<TransportMeeting> {
  const clock = new VirtualClock();
  const network = createVirtualNetwork(clock, new SeededRandom(1));
  let accept: (link: TransportLink) => void = () => {};
  const stopListening = network.listen('ws://bridge', (link) => accept(link));
  return {
    dialer: network.dialerAt('speaker'),
    address: 'ws://bridge',
    deadAddress: 'ws://nobody',
    onAccepted: (next) => {
      accept = next;
    },
    until: (condition, limit) => clock.runUntil(condition, limit),
    stall: () => network.cut('speaker', 'silent'),
    stop: async () => stopListening(),
  };
}

async function untilReal(condition: () => boolean, limit: Ms): Promise<boolean> {
  for (const endMs = performance.now() + limit; performance.now() < endMs; ) {
    if (condition()) return true;
    await sleep(POLL_MS);
  }
  return condition();
}

async function listenOnLoopback(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function meetOverLoopback(): Promise<TransportMeeting> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, ...WS_SOCKET_OPTIONS, handleProtocols: () => CONNECT_SUBPROTOCOL });
  const accepted = new Map<TransportLink, WebSocket>();
  let accept: (link: TransportLink) => void = () => {};
  sockets.on('connection', (socket) => {
    const link = createWsLink(socket);
    accepted.set(link, socket);
    accept(link);
  });
  const port = await listenOnLoopback(server);
  return {
    dialer: createWsDialer({ handshakeTimeoutMs: ms(2_000) }),
    address: `ws://127.0.0.1:${port}`,
    deadAddress: `ws://127.0.0.1:${await freePort()}`,
    onAccepted: (next) => {
      accept = next;
    },
    until: untilReal,
    stall: (link) => accepted.get(link)?.pause(),
    stop: async () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describeTransport('virtual network', meetVirtually);
describeTransport('ws over loopback', meetOverLoopback);
