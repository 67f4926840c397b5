/**
 * A crowd that reads slowly: thousands of sockets that each ask an edge for a whole file and then take a little of it every
 * few seconds. A process of its own, so that its memory is not taken for the edge's.
 *
 * `node slow-readers-program.ts PORT PATH COUNT`, the authorization in `READERS_AUTHORIZATION`: prints how many are connected,
 * then every second what they took.
 */
import { connect, type Socket } from 'node:net';

/** Of 127.0.0.x, so that ports suffice. */
const ADDRESSES = 8;
const CONNECTING_MAX = 100;
/** Each takes what has arrived this often: below the time after which an edge cuts who takes nothing. */
const READ_EVERY_MS = 8_000;
const TICK_MS = 100;

async function main(port: number, path: string, count: number, authorization: string): Promise<void> {
  const sockets: Socket[] = [];
  let open = 0;
  let tookBytes = 0;
  const openOne = async (number: number): Promise<void> => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${2 + (number % ADDRESSES)}` });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open -= 1;
    });
    // In paused mode, so that only what is asked for is read.
    socket.on('readable', () => undefined);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('close', () => reject(new Error(`reader ${number} was not let in`)));
    });
    open += 1;
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`);
    sockets.push(socket);
  };
  const perTick = Math.ceil((count * TICK_MS) / READ_EVERY_MS);
  let next = 0;
  setInterval(() => {
    for (let taken = 0; taken < perTick; taken += 1) {
      const piece = sockets[next % count]?.read() as Buffer | null | undefined;
      tookBytes += piece?.length ?? 0;
      next += 1;
    }
  }, TICK_MS);
  for (let first = 0; first < count; first += CONNECTING_MAX) {
    const batch = Math.min(CONNECTING_MAX, count - first);
    await Promise.all(Array.from({ length: batch }, (_, place) => openOne(first + place)));
  }
  console.log(JSON.stringify({ event: 'readers.open', open }));
  setInterval(() => console.log(JSON.stringify({ event: 'readers.took', open, tookBytes })), 1_000);
}

const [port = '', path = '', count = ''] = process.argv.slice(2);
await main(Number(port), path, Number(count), process.env['READERS_AUTHORIZATION'] ?? '');
