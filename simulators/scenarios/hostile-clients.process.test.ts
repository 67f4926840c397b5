/**
 * Clients that hold sockets, or flood them, all at once (fault 16): a real bridge cuts each of them, its memory stays, and
 * whoever is honest is answered meanwhile.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCrowd } from '#sim/bench/connect/crowd';
import { memoryOfTree } from '#sim/bench/process-memory';
import { ChildProgram, type LogEvent } from '#sim/processes/child-program';
import { HouseholdProcesses } from '#sim/processes/household-processes';

const PHONES_PROGRAM = join(import.meta.dirname, '..', 'bench', 'connect', 'phones-program.ts');
const SPEAKERS = 5;
/** Of each kind. */
const HOSTILE = 10;
/** The longest of the bridge's patience is for a request's body: 15 s, and 2 until it is found out. */
const ALL_CUT_WITHIN_MS = 25_000;
/** Buffers of sockets that came and went; what a flood fills that nobody bounds is gigabytes. */
const GROWTH_MAX_MB = 80;
/** A phone's own deadline: how soon an answer comes is for the bench, that it comes is for here. */
const ANSWERED_WITHIN_MS = 5_000;

let house: HouseholdProcesses;
let crowd: ChildProgram;
beforeEach(async () => {
  house = await HouseholdProcesses.create();
  await house.startBridge();
  crowd = await startCrowd('tonearm', url(), SPEAKERS);
}, 40_000);
afterEach(async () => {
  await crowd.stop();
  await house.stop();
});

function url(): string {
  return `ws://127.0.0.1:${house.port}`;
}

/** Resolves with how long it took the bridge to end the connection. */
async function cutAfterMs(attack: (socket: Socket) => void | Promise<void>): Promise<number> {
  const startedAt = performance.now();
  const socket = connect({ port: house.port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  // Not by `once`, which fails with the reset that is hoped for.
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await once(socket, 'connect');
  void Promise.resolve(attack(socket)).catch(() => undefined);
  await closed;
  return performance.now() - startedAt;
}

/** One byte every now and then, for as long as it is let. */
function drip(socket: Socket, text: string): void {
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(text[sent % text.length] ?? 'x');
    sent += 1;
  }, 300);
  socket.on('close', () => clearInterval(timer));
  socket.resume();
}

async function upgraded(socket: Socket, path: string, subprotocol: string): Promise<void> {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${house.port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    `Sec-WebSocket-Protocol: ${subprotocol}`,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await once(socket, 'data');
}

/** A masked frame with a mask of zeros. @param first of its bytes: final flag and opcode */
function frame(first: number, payload: string): Buffer {
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), Buffer.from(payload)]);
}
const PING = frame(0x89, 'x'.repeat(100));
const TEXT_BEGINS = frame(0x01, 'x');
const TEXT_GOES_ON = frame(0x00, 'x');

/** Writes the same again and again, as fast as it is taken, and reads nothing. */
function flood(socket: Socket, piece: Uint8Array, first: Uint8Array = new Uint8Array()): void {
  socket.pause();
  const much = Buffer.concat(Array.from({ length: 500 }, () => piece));
  socket.write(first);
  const pour = () => {
    while (!socket.destroyed && socket.write(much));
  };
  socket.on('drain', pour);
  pour();
  // Paused, a socket would not notice that it was closed.
  setTimeout(() => socket.resume(), 3_000);
}

const ATTACKS: readonly (readonly [string, (socket: Socket) => void | Promise<void>])[] = [
  ['says its header byte by byte', (socket) => drip(socket, 'GET / HTTP/1.1\r\nx: y')],
  [
    'says its body byte by byte',
    (socket) => {
      socket.write('PUT /v1/me/player/play HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n');
      drip(socket, ' ');
    },
  ],
  ['opens a speaker’s socket and says nothing', (socket) => upgraded(socket, '/connect/v1', 'tonearm.connect.v1')],
  [
    'sends a message that never ends',
    async (socket) => {
      await upgraded(socket, '/connect/v1', 'tonearm.connect.v1');
      flood(socket, TEXT_GOES_ON, TEXT_BEGINS);
    },
  ],
  [
    'sends a frame byte by byte',
    async (socket) => {
      await upgraded(socket, '/connect/v1', 'tonearm.connect.v1');
      socket.write(Buffer.from([0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0]));
      drip(socket, 'x');
    },
  ],
  [
    'floods with pings and reads no answer',
    async (socket) => {
      await upgraded(socket, '/events/v1', 'tonearm.events.v1');
      flood(socket, PING);
    },
  ],
  [
    'floods with messages',
    async (socket) => {
      await upgraded(socket, '/connect/v1', 'tonearm.connect.v1');
      flood(socket, frame(0x81, '{"kind":"heartbeat","sequence":1}'));
    },
  ],
];

async function askAround(seconds: number): Promise<LogEvent> {
  const args = ['tonearm', url(), SPEAKERS, 2, 40, seconds].map(String);
  const phones = new ChildProgram('phones', process.execPath, [PHONES_PROGRAM, ...args]);
  const done = await phones.waitForEvent('phones.done', 30_000 + 2_000 * seconds);
  await phones.stop();
  return done;
}

describe('a bridge among hostile clients', () => {
  it('cuts each of them in time, and answers the others', { timeout: 90_000 }, async () => {
    await askAround(1);
    const before = (await memoryOfTree(house.bridge.pid)).rssMb;
    const attacks = ATTACKS.flatMap(([name, attack]) =>
      Array.from({ length: HOSTILE }, async () => [name, await cutAfterMs(attack)] as const),
    );
    const honest = await askAround(8);
    const cut = await Promise.all(attacks);
    const after = (await memoryOfTree(house.bridge.pid)).rssMb;
    for (const [name, tookMs] of cut) expect([name, tookMs < ALL_CUT_WITHIN_MS]).toEqual([name, true]);
    expect(honest['count']).toBeGreaterThan(100);
    expect(honest['max']).toBeLessThan(ANSWERED_WITHIN_MS);
    expect(after - before).toBeLessThan(GROWTH_MAX_MB);
  });
});
