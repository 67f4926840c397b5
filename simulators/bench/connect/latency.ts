/**
 * A phone's command to the speaker's answer back at the phone: through the bridge, through Mosquitto (one topic there,
 * one back), and through a relay that checks nothing, with the same number of speakers connected, one after the other.
 */
import { join } from 'node:path';
import { ChildProgram } from '#sim/processes/child-program';
import { MosquittoProcess, missingForMosquitto } from '#sim/processes/mosquitto-process';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';
import { startCrowd } from './crowd.ts';
import { CrowdBridge } from './crowd-bridge.ts';
import { type Course, type Latencies, runPhonesProgram } from './phones.ts';

const BARE_RELAY_PROGRAM = join(import.meta.dirname, 'bare-relay-program.ts');
/** A busy evening, and no more than leaves both cores idle for most of the time: what is asked for is latency. */
const PHONES = 20;
const PER_SECOND = 200;
const SECONDS = 20;
const ROUNDS = 3;
const READY_WITHIN_MS = 20_000;

/** ms, from the issue of a command to its answer. */
const SIZES = [
  { speakers: 1_000, must: { p50: 1, p99: 5 }, reach: { p50: 0.2, p99: 1 } },
  { speakers: 10_000, must: { p50: 1.5, p99: 8 }, reach: { p50: 0.2, p99: 1 } },
] as const;

/** One thing between phones and speakers. */
interface Relay {
  readonly name: string;
  run(size: number, options: BenchOptions): Promise<readonly Latencies[]>;
}

export async function measureLatency(options: BenchOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const size of options.isSmoke ? [{ ...SIZES[0], speakers: 50 }] : SIZES) {
    const [ours = [], bare = [], broker = []] = await inTurn(RELAYS, size.speakers, options);
    const label = `${size.speakers.toLocaleString('en')} speakers: command to answer`;
    for (const part of ['p50', 'p99'] as const) {
      const values = (of: readonly Latencies[]) => of.map((it) => it[part]);
      const peer = broker.length === 0 ? {} : { peer: { name: 'mosquitto', values: values(broker) } };
      const bars = { must: size.must[part], reach: size.reach[part], better: 'lower' } as const;
      figures.push(
        createFigure({ key: `${label}, ${part}`, unit: 'ms', values: values(ours), ...bars, ...peer }),
        createFigure({ key: `${label}, a bare relay, ${part}`, unit: 'ms', values: values(bare), better: 'lower' }),
      );
    }
  }
  return figures;
}

async function inTurn(
  relays: readonly Relay[],
  size: number,
  options: BenchOptions,
): Promise<(readonly Latencies[])[]> {
  const all: (readonly Latencies[])[] = [];
  for (const relay of relays) all.push(await relay.run(size, options));
  return all;
}

const RELAYS: readonly Relay[] = [
  {
    name: 'tonearm',
    run: async (size, options) => {
      const bridge = await CrowdBridge.start(size);
      try {
        return await measure({ kind: 'tonearm', url: bridge.url, size, authorization: bridge.authorization }, options);
      } finally {
        await bridge.stop();
      }
    },
  },
  {
    name: 'bare relay',
    run: async (size, options) => {
      const program = new ChildProgram('relay', process.execPath, [BARE_RELAY_PROGRAM], { isTold: true });
      try {
        const ready = await program.waitForEvent('relay.ready', READY_WITHIN_MS);
        return await measure({ kind: 'bare', url: `ws://127.0.0.1:${ready['port']}`, size }, options);
      } finally {
        await program.stop();
      }
    },
  },
  {
    name: 'mosquitto',
    run: async (size, options) => {
      const missing = missingForMosquitto();
      if (missing !== null) {
        options.say(`no peer in this run: ${missing}`);
        return [];
      }
      const broker = await MosquittoProcess.start();
      try {
        return await measure({ kind: 'mqtt', url: broker.url, size }, options);
      } finally {
        await broker.stop();
      }
    },
  },
];

async function measure(course: Course, { isSmoke, say }: BenchOptions): Promise<readonly Latencies[]> {
  const { kind, url, size } = course;
  const crowd = await startCrowd(kind, url, size);
  try {
    const results: Latencies[] = [];
    for (let round = 0; round < (isSmoke ? 1 : ROUNDS); round += 1) {
      const seconds = isSmoke ? 1 : SECONDS;
      const done = await runPhonesProgram(course, { phones: PHONES, perSecond: PER_SECOND, seconds });
      results.push(done);
      say(`${kind}, ${size} speakers: ${JSON.stringify(done)}`);
    }
    return results;
  } finally {
    await crowd.stop();
  }
}
