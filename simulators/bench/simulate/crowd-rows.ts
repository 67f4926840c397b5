/**
 * How many speakers one process is, each the real control core on a socket of its own, while phones command a sample of them; and
 * what the simulator itself costs, so that its limit is not taken for the bridge's.
 */

import { type BenchOptions, createFigure, type Figure } from '../bench.ts';
import { startCrowd } from '../connect/crowd.ts';
import { CrowdBridge } from '../connect/crowd-bridge.ts';
import { runPhonesProgram } from '../connect/phones.ts';

const SIZES = [5_000, 10_000];
const SIZE_SMOKE = 200;
/** Reports, probes and heartbeats of all have come and gone by then, more than once. */
const SETTLED_AFTER_MS = 30_000;
const SETTLED_AFTER_SMOKE_MS = 500;
const SECONDS = 20;
const PHONES = 20;
const PER_SECOND = 100;
const COST_WITHIN_MS = 10_000;

export async function measureCrowdRows(options: BenchOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  let most = 0;
  for (const size of options.isSmoke ? [SIZE_SMOKE] : SIZES) {
    try {
      const [connected, ...others] = await measureSize(size, options);
      most = Math.max(most, connected.value);
      figures.push(connected, ...others);
    } catch (thrown) {
      // What fewer of them did stands all the same, and the figure over all says how many those were.
      options.say(`${size} speakers did not come to be: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  const key = 'speakers on real sockets from one process, commanded and reporting';
  const bars = { must: 5_000, reach: 10_000, better: 'higher' } as const;
  return [createFigure({ key, unit: 'count', values: [most], ...bars }), ...figures];
}

async function measureSize(size: number, { isSmoke, say }: BenchOptions): Promise<readonly [Figure, ...Figure[]]> {
  const bridge = await CrowdBridge.start(size);
  try {
    const startedAt = performance.now();
    const crowd = await startCrowd('tonearm', bridge.url, size);
    try {
      const gatheredS = (performance.now() - startedAt) / 1_000;
      await new Promise((resolve) => setTimeout(resolve, isSmoke ? SETTLED_AFTER_SMOKE_MS : SETTLED_AFTER_MS));
      const course = { kind: 'tonearm', url: bridge.url, size, authorization: bridge.authorization } as const;
      const done = await runPhonesProgram(course, {
        phones: PHONES,
        perSecond: PER_SECOND,
        seconds: isSmoke ? 1 : SECONDS,
      });
      const askedAtMs = Date.now();
      const cost = await crowd.waitForEvent('crowd.cost', COST_WITHIN_MS, (it) => Number(it['atMs']) > askedAtMs);
      say(`${size} speakers after ${gatheredS.toFixed(1)} s: ${JSON.stringify(done)}, ${JSON.stringify(cost)}`);
      const label = `${size.toLocaleString('en')} speakers`;
      const told = (name: string, part: string): number =>
        Number((cost[name] as Readonly<Record<string, unknown>>)[part]);
      const plain = (key: string, unit: string, value: number): Figure =>
        createFigure({ key: `${label}: ${key}`, unit, values: [value], better: 'lower' });
      return [
        createFigure({
          key: `${label}: connected`,
          unit: 'count',
          values: [Number(cost['up'])],
          better: 'higher',
          must: size,
        }),
        createFigure({
          ...{ key: `${label}: resident memory of the simulator, each`, unit: 'kB', better: 'lower' },
          ...{ values: [Number(cost['rssKbEach'])], must: 100, reach: 40 },
        }),
        plain('all are in after', 's', gatheredS),
        plain('command to answer, p50', 'ms', done.p50),
        plain('command to answer, p99', 'ms', done.p99),
        plain('the simulator, of one core', '%', Number(cost['cpuPart']) * 100),
        plain('the simulator’s event loop is late, p99', 'ms', told('loopDelayMs', 'p99')),
      ];
    } finally {
      await crowd.stop();
    }
  } finally {
    await bridge.stop();
  }
}
