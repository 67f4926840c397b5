/**
 * What every figure has in it that is not a player's: a program that writes its sound a few milliseconds ahead, heard by
 * the same recorder. And what the far path is, as a client of it sees it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { RECORDING_RATE_HZ } from '#sim/processes/recorder';
import { createFigure, type Figure, medianOf } from '../bench.ts';
import { FAR } from './far-path.ts';
import { collect, hearChange } from './rounds.ts';
import type { RowContext } from './row.ts';

const RATE = RECORDING_RATE_HZ;
const BLOCK_MS = 5;
const BLOCK_BYTES = (BLOCK_MS * RATE * 4) / 1000;
const BLOCKS = 4;
const LOUD = 8_000;
const ASKED_TIMES = 5;
/** One that no player uses now. */
const SINK = 'spk3';

export async function measureMeasuringPath(row: RowContext): Promise<readonly Figure[]> {
  const values = await hearBlocks(row);
  const way = await row.stage.wayToFiles(FAR);
  try {
    const roundTrip = await roundTripMs(way.url);
    row.say(
      `measuring path: ${values.map((value) => value.toFixed(1)).join(' ')} ms; far path ${roundTrip.toFixed(1)} ms`,
    );
    return [
      createFigure({ key: 'in every figure: a block written → heard', unit: 'ms', values, better: 'lower' }),
      createFigure({ key: 'far path: there and back, as measured', unit: 'ms', values: [roundTrip], better: 'lower' }),
    ];
  } finally {
    await way.stop();
  }
}

/** A stream stands open and empty; now and then some blocks are written to it. */
async function hearBlocks(row: RowContext): Promise<number[]> {
  const { pulse } = row.stage;
  const args = ['--playback', '--raw', '-d', SINK, '--format=s16le', `--rate=${RATE}`, '--channels=2'];
  const program = spawn('pacat', [...args, `--latency-msec=${BLOCK_MS}`], {
    env: { ...process.env, ...pulse.environment() },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // What is on its way to it when it is ended.
  program.stdin.on('error', () => {});
  const recorder = await pulse.record(SINK);
  // More than a stream waits for before it sounds again.
  const loud = Buffer.alloc(BLOCKS * BLOCK_BYTES);
  for (let at = 0; at < loud.length; at += 2) loud.writeInt16LE(LOUD, at);
  try {
    await recorder.waitFrames(RATE / 2);
    return await collect(row.rounds, row.voids, async () => {
      await wait(100);
      const act = async () => {
        program.stdin.write(loud);
      };
      const { tookMs: value, stretch } = await hearChange(recorder, { side: null, act });
      return { value, stretch };
    });
  } finally {
    program.kill('SIGKILL');
    await once(program, 'exit');
    await recorder.stop();
  }
}

async function roundTripMs(url: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async () => {
    const startedAt = performance.now();
    const asked = get(`${url}/healthz`, { agent });
    const [answer] = await once(asked, 'response');
    answer.resume();
    await once(answer, 'end');
    return performance.now() - startedAt;
  };
  try {
    await ask();
    const values: number[] = [];
    for (let time = 0; time < ASKED_TIMES; time += 1) values.push(await ask());
    return medianOf(values);
  } finally {
    agent.destroy();
  }
}
