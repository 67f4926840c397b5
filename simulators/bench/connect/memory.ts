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
const BARS = { must: 20, reach: 12 };

export async function measureMemory({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const count = isSmoke ? SPEAKERS_SMOKE : SPEAKERS;
  const values: number[] = [];
  for (let round = 0; round < (isSmoke ? 1 : ROUNDS); round += 1) {
    const bridge = await CrowdBridge.start();
    try {
      const before = await bridge.rssMb();
      const crowd = await startCrowd('tonearm', bridge.url, count);
      await wait(isSmoke ? SETTLE_SMOKE_MS : SETTLE_MS);
      const after = await bridge.rssMb();
      await crowd.stop();
      values.push(((after - before) * KB_PER_MB) / count);
      say(`${count} idle speakers: ${before.toFixed(1)} MB before, ${after.toFixed(1)} MB with them`);
    } finally {
      await bridge.stop();
    }
  }
  return [createFigure({ key: '10,000 idle speakers: RSS a socket', unit: 'kB', values, ...BARS, better: 'lower' })];
}
