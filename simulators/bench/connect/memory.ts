/** What an idle speaker's socket costs the bridge: its memory with a crowd connected, less its memory before they came. */
import { setTimeout as wait } from 'node:timers/promises';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';
import { startCrowd } from './crowd.ts';
import { CrowdBridge } from './crowd-bridge.ts';

const SPEAKERS = 10_000;
const SPEAKERS_SMOKE = 200;
/** Heartbeats of all have gone both ways by then, and what the handshakes left has been collected. */
const SETTLE_MS = 45_000;
const SETTLE_SMOKE_MS = 500;
const ROUNDS = 3;
const KB_PER_MB = 1_024;
/** Of each way in: what a socket may cost, and what it should. */
const WAYS = [
  { name: 'plain', bars: { must: 20, reach: 12 } },
  { name: 'TLS', bars: { must: 60, reach: 35 } },
] as const;

export async function measureMemory(options: BenchOptions): Promise<readonly Figure[]> {
  const count = options.isSmoke ? SPEAKERS_SMOKE : SPEAKERS;
  const figures: Figure[] = [];
  for (const { name, bars } of WAYS) {
    const values: number[] = [];
    for (let round = 0; round < (options.isSmoke ? 1 : ROUNDS); round += 1) {
      values.push(await measureOnce(name === 'TLS', count, options));
    }
    const key = `10,000 idle speakers, ${name}: RSS a socket`;
    figures.push(createFigure({ key, unit: 'kB', values, ...bars, better: 'lower' }));
  }
  return figures;
}

/** @returns kB a socket */
async function measureOnce(isSecure: boolean, count: number, { isSmoke, say }: BenchOptions): Promise<number> {
  const bridge = await CrowdBridge.start(count);
  try {
    const before = await bridge.rssMb();
    const crowd = isSecure
      ? await startCrowd('tonearm', bridge.secureUrl, count, [await bridge.pin()])
      : await startCrowd('tonearm', bridge.url, count);
    await wait(isSmoke ? SETTLE_SMOKE_MS : SETTLE_MS);
    const after = await bridge.rssMb();
    await crowd.stop();
    const way = isSecure ? 'TLS' : 'plain';
    say(`${count} idle speakers, ${way}: ${before.toFixed(1)} MB before, ${after.toFixed(1)} MB with them`);
    return ((after - before) * KB_PER_MB) / count;
  } finally {
    await bridge.stop();
  }
}
