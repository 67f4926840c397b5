/**
 * Whether the simulated network keeps its word: what it adds when asked for nothing, and how near it comes to a delay and
 * to a rate. It runs as the program that users run; questions go straight and through it in turn, so that what the machine
 * itself takes is known from the same moment.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { NetworkProcess } from '#sim/processes/network-process';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const LOOPBACK = '127.0.0.1';
const QUESTIONS = 2_000;
const QUESTIONS_SMOKE = 100;
const QUESTION_BYTES = 1_000;
/** First, and not counted: both programs are still being compiled. */
const WARM_UP_QUESTIONS = 300;
const DELAY_MS = 50;
const DELAYED_QUESTIONS = 100;
const DELAYED_QUESTIONS_SMOKE = 5;
const RATE_KBPS = 1_000;
const RATE_SECONDS = 4;
const RATE_SECONDS_SMOKE = 1;
const RATE_ROUNDS = 3;
/** Sent before the rate is measured: what the link makes up at its beginning is no rate. */
const RATE_LEAD_BYTES = 15_000;

export async function measureProxyRows({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const server = createServer({ noDelay: true }, (socket) => answerAll(socket));
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const proxy = await NetworkProcess.start(port);
  const sockets: Socket[] = [];
  try {
    for (const to of [port, proxy.port]) {
      const socket = connect({ port: to, host: LOOPBACK, noDelay: true });
      sockets.push(socket);
      await once(socket, 'connect');
    }
    const [straight, through] = sockets;
    if (straight === undefined || through === undefined) throw new Error('two ways are needed');
    await measureBeyond(straight, through, isSmoke ? 0 : WARM_UP_QUESTIONS);
    const adds = await measureBeyond(straight, through, isSmoke ? QUESTIONS_SMOKE : QUESTIONS);
    say(
      `proxy: adds ${[0.5, 0.99].map((share) => percentileOf(adds, share).toFixed(3)).join(' and ')} ms at p50 and p99`,
    );
    await proxy.change({ down: { delayMs: DELAY_MS } });
    const delays = await measureBeyond(straight, through, isSmoke ? DELAYED_QUESTIONS_SMOKE : DELAYED_QUESTIONS);
    say(`proxy: ${DELAY_MS} ms asked, ${percentileOf(delays, 0.5).toFixed(2)} ms at p50`);
    await proxy.change({ down: { delayMs: 0, kbps: RATE_KBPS } });
    const rates: number[] = [];
    for (let round = 0; round < (isSmoke ? 1 : RATE_ROUNDS); round += 1) {
      rates.push(await measureRateKbps(through, isSmoke ? RATE_SECONDS_SMOKE : RATE_SECONDS));
      say(`proxy: ${RATE_KBPS} kbit/s asked, ${rates.at(-1)?.toFixed(1)} kbit/s`);
    }
    const off = (value: number, asked: number) => (Math.abs(value - asked) / asked) * 100;
    return [
      createFigure({
        ...{ key: 'proxy: added delay when asked for none, p99', unit: 'ms', better: 'lower', must: 1 },
        values: [Math.max(0, percentileOf(adds, 0.99))],
      }),
      createFigure({
        ...{ key: `proxy: ${DELAY_MS} ms, off by at p50`, unit: '%', better: 'lower', must: 5 },
        values: [off(percentileOf(delays, 0.5), DELAY_MS)],
      }),
      createFigure({
        ...{ key: `proxy: ${DELAY_MS} ms, off by at p99`, unit: '%', better: 'lower', reach: 5 },
        values: [off(percentileOf(delays, 0.99), DELAY_MS)],
      }),
      createFigure({
        ...{ key: `proxy: ${RATE_KBPS / 1_000} Mbit/s, off by`, unit: '%', better: 'lower', must: 5 },
        values: rates.map((rate) => off(rate, RATE_KBPS)),
      }),
    ];
  } finally {
    for (const socket of sockets) socket.destroy();
    await proxy.stop();
    server.close();
  }
}

/** Says back what comes; to a question of four bytes, as many bytes as these say. */
function answerAll(socket: Socket): void {
  socket.on('error', () => {});
  socket.on('data', (data: Buffer) => socket.write(data.length === 4 ? Buffer.alloc(data.readUInt32LE()) : data));
}

/** @returns what each question through it took beyond the straight way's median, ms */
async function measureBeyond(straight: Socket, through: Socket, questions: number): Promise<readonly number[]> {
  const [near, far]: [number[], number[]] = [[], []];
  for (let round = 0; round < questions; round += 1) {
    near.push(await ask(straight));
    far.push(await ask(through));
  }
  const machine = percentileOf(near, 0.5);
  return far.map((took) => took - machine);
}

async function ask(socket: Socket): Promise<number> {
  const askedAt = performance.now();
  socket.write(Buffer.alloc(QUESTION_BYTES, 1));
  await receive(socket, QUESTION_BYTES);
  return performance.now() - askedAt;
}

async function measureRateKbps(socket: Socket, seconds: number): Promise<number> {
  const size = (RATE_KBPS * 1_000 * seconds) / 8;
  const question = Buffer.alloc(4);
  question.writeUInt32LE(RATE_LEAD_BYTES + size);
  socket.write(question);
  const lead = await receive(socket, RATE_LEAD_BYTES);
  const fromMs = performance.now();
  const rest = await receive(socket, size - (lead - RATE_LEAD_BYTES));
  return (rest * 8) / (performance.now() - fromMs);
}

/** Until so many bytes have come. @returns how many they were in the end */
async function receive(socket: Socket, size: number): Promise<number> {
  let came = 0;
  while (came < size) came += ((await once(socket, 'data')) as [Buffer])[0].length;
  return came;
}

function percentileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
